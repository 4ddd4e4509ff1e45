#include "codegen/host/Weights.h"

#include "dialects/program/Program.h"

#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::codegen;

static ArrayRef<char> rawData(ElementsAttr elements) {
  if (auto dense = dyn_cast<DenseElementsAttr>(elements))
    return dense.getRawData();
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(elements))
    if (AsmResourceBlob *blob = resource.getRawHandle().getBlob())
      return blob->getData();
  return {};
}

/// A byte per element of an i1 constant, whose attribute holds bits.
static std::shared_ptr<std::vector<char>> unpackBits(DenseElementsAttr dense) {
  auto bytes = std::make_shared<std::vector<char>>();
  bytes->reserve(dense.getNumElements());
  for (bool bit : dense.getValues<bool>())
    bytes->push_back(bit);
  return bytes;
}

FailureOr<Weights> Weights::get(ModuleOp module) {
  Weights weights;
  if (auto bytes =
          module->getAttrOfType<IntegerAttr>(program::kWeightsBytesAttr))
    weights.bytes = bytes.getInt();
  auto list = module->getAttrOfType<ArrayAttr>(program::kWeightsAttr);
  for (auto entry :
       list ? list.getAsRange<ArrayAttr>()
            : ArrayAttr::get(module.getContext(), {}).getAsRange<ArrayAttr>()) {
    auto elements = cast<ElementsAttr>(entry[1]);
    uint64_t element = program::elementBytes(elements.getElementType());
    Piece piece = {static_cast<uint64_t>(cast<IntegerAttr>(entry[0]).getInt()),
                   element * elements.getNumElements(), rawData(elements)};
    auto dense = dyn_cast<DenseElementsAttr>(elements);
    uint64_t expected = dense && dense.isSplat() ? element : piece.size;
    if (dense && dense.getElementType().isInteger(1)) {
      weights.unpacked.push_back(unpackBits(dense));
      piece.data = *weights.unpacked.back();
      expected = piece.size;
    }
    if (piece.size && piece.data.size() != expected)
      return module.emitError("a constant of type ")
             << elements.getShapedType() << " has " << piece.data.size()
             << " bytes; expected " << expected;
    if (piece.size)
      weights.pieces.push_back(piece);
  }
  return weights;
}

static void repeat(ArrayRef<char> data, char *to, uint64_t size) {
  for (uint64_t at = 0; at < size; at += data.size())
    memcpy(to + at, data.data(), data.size());
}

void Weights::write(llvm::raw_ostream &os) const {
  // A multiple of every element's size.
  char page[4096];
  uint64_t at = 0;
  for (const Piece &piece : pieces) {
    os.write_zeros(piece.offset - at);
    at = piece.offset + piece.size;
    if (piece.data.size() == piece.size) {
      os.write(piece.data.data(), piece.size);
      continue;
    }
    repeat(piece.data, page, sizeof(page));
    for (uint64_t left = piece.size; left;) {
      uint64_t part = std::min<uint64_t>(left, sizeof(page));
      os.write(page, part);
      left -= part;
    }
  }
  os.write_zeros(bytes - at);
}

void Weights::gather(char *to) const {
  for (const Piece &piece : pieces)
    repeat(piece.data, to + piece.offset, piece.size);
}
