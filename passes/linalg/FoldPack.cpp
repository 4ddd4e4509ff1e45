#include "passes/linalg/FoldPack.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Matchers.h"
#include "llvm/Support/xxhash.h"

using namespace mlir;
using namespace nacre::lower;

/// The bytes of a constant whose elements are whole bytes, or nothing.
static ArrayRef<char> rawBytes(ElementsAttr value) {
  if (auto dense = dyn_cast<DenseElementsAttr>(value))
    return dense.isSplat() ? ArrayRef<char>() : dense.getRawData();
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value))
    if (AsmResourceBlob *blob = resource.getRawHandle().getBlob())
      return blob->getData();
  return {};
}

/// Constants above this size are resources: dense attributes are hashed and
/// kept by the context for ever.
static constexpr size_t kMaxDenseBytes = 1024;

/// A constant of `type` that holds `bytes`. Equal content has one name.
static ElementsAttr makeConstant(RankedTensorType type, ArrayRef<char> bytes) {
  if (bytes.size() <= kMaxDenseBytes)
    return DenseElementsAttr::getFromRawBuffer(type, bytes);
  std::string name =
      "packed_" +
      llvm::utohexstr(llvm::xxh3_64bits(ArrayRef<uint8_t>(
          reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size())));
  auto &manager =
      DenseResourceElementsHandle::getManagerInterface(type.getContext());
  return DenseResourceElementsAttr::get(
      type, manager.insert(name, HeapAsmResourceBlob::allocateAndCopyWithAlign(
                                     bytes, /*align=*/64)));
}

namespace {

/// Walks a packed tensor in order and says where each element comes from.
struct PackWalk {
  SmallVector<int64_t> sourceStrides;
  /// Per dim of the destination: its size, and the source dim it counts in
  /// steps of `step`.
  struct Dim {
    int64_t size, sourceDim, step;
  };
  SmallVector<Dim> dims;

  explicit PackWalk(linalg::PackOp pack) {
    auto source = cast<RankedTensorType>(pack.getSource().getType());
    auto destination = cast<RankedTensorType>(pack.getDest().getType());
    int64_t rank = source.getRank();
    sourceStrides.assign(rank, 1);
    for (int64_t d = rank - 1; d > 0; --d)
      sourceStrides[d - 1] = sourceStrides[d] * source.getDimSize(d);
    SmallVector<int64_t> steps(rank, 1);
    for (auto [dim, tile] :
         llvm::zip_equal(pack.getInnerDimsPos(), pack.getStaticInnerTiles()))
      steps[dim] = tile;
    for (int64_t d = 0; d < rank; ++d) {
      int64_t from =
          pack.getOuterDimsPerm().empty() ? d : pack.getOuterDimsPerm()[d];
      dims.push_back({destination.getDimSize(d), from, steps[from]});
    }
    for (auto [i, dim] : llvm::enumerate(pack.getInnerDimsPos()))
      dims.push_back({destination.getDimSize(rank + i), dim, 1});
  }
};

/// pack(constant) -> constant
///
/// Exact: elements are moved, and blocks divide the dims, so nothing is padded.
/// Worth it because weights are then read in the order of the loops.
struct FoldConstantPack final : OpRewritePattern<linalg::PackOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::PackOp pack,
                                PatternRewriter &rewriter) const override {
    ElementsAttr value;
    if (!matchPattern(pack.getSource(), m_Constant(&value)))
      return rewriter.notifyMatchFailure(pack, "source is not constant");
    auto type = cast<RankedTensorType>(pack.getDest().getType());
    if (!type.hasStaticShape() || pack.getPaddingValue())
      return rewriter.notifyMatchFailure(pack, "dynamic or padded");
    if (auto splat = dyn_cast<SplatElementsAttr>(value)) {
      rewriter.replaceOpWithNewOp<arith::ConstantOp>(
          pack, splat.resizeSplat(type));
      return success();
    }
    unsigned bits = type.getElementTypeBitWidth();
    ArrayRef<char> bytes = rawBytes(value);
    if (bits % 8 != 0 || bytes.empty())
      return rewriter.notifyMatchFailure(pack, "elements are not whole bytes");
    SmallVector<char, 0> packed;
    packed.resize_for_overwrite(type.getNumElements() * (bits / 8));
    PackWalk walk(pack);
    char *out = packed.data();
    copyDim(walk, 0, 0, bytes.data(), out, bits / 8);
    rewriter.replaceOpWithNewOp<arith::ConstantOp>(pack,
                                                   makeConstant(type, packed));
    return success();
  }

private:
  static void copyDim(const PackWalk &walk, unsigned depth, int64_t offset,
                      const char *source, char *&out, unsigned width) {
    const PackWalk::Dim &dim = walk.dims[depth];
    int64_t stride = walk.sourceStrides[dim.sourceDim] * dim.step;
    if (depth + 1 == walk.dims.size()) {
      for (int64_t i = 0; i < dim.size; ++i, out += width)
        std::memcpy(out, source + (offset + i * stride) * width, width);
      return;
    }
    for (int64_t i = 0; i < dim.size; ++i)
      copyDim(walk, depth + 1, offset + i * stride, source, out, width);
  }
};

} // namespace

void nacre::lower::populateFoldPackPatterns(RewritePatternSet &patterns) {
  patterns.add<FoldConstantPack>(patterns.getContext());
}
