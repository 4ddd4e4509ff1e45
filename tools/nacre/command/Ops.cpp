#include "compiler/import/onnx/Import.h"
#include "tools/nacre/command/Commands.h"
#include "tools/nacre/command/Options.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace nacre;
using namespace nacre::command;
using llvm::outs;
using onnx::SupportedOp;

static void printLines(const std::vector<SupportedOp> &ops) {
  for (const SupportedOp &op : ops) {
    outs() << op.domain << "." << op.type << ":";
    for (int64_t opset : op.opsets)
      outs() << " " << opset;
    outs() << "\n";
  }
}

/// One section with a table per domain.
static void printMarkdown(const std::vector<SupportedOp> &ops) {
  llvm::StringRef domain;
  for (const SupportedOp &op : ops) {
    if (domain != op.domain) {
      outs() << (domain.empty() ? "" : "\n") << "## " << op.domain
             << "\n\n| operator | opsets from |\n|---|---|\n";
      domain = op.domain;
    }
    outs() << "| " << op.type << " | ";
    llvm::interleaveComma(op.opsets, outs());
    outs() << " |\n";
  }
}

int command::ops(Arguments arguments) {
  std::string domain;
  bool markdown = false;
  Options options("ops",
                  "Lists the operators that an import rule exists for, with "
                  "the first opset of each of its forms.",
                  "[OPTION...]");
  options.text("domain", "NAME", "only of this domain (\"ai.onnx\", ...)",
               domain);
  options.flag("markdown", "print tables", markdown);
  options.notes("Operators that a model carries as functions need no rule.");
  if (std::optional<int> code = options.parse(arguments))
    return *code;
  std::vector<SupportedOp> ops = onnx::supportedOps();
  llvm::erase_if(ops, [&](const SupportedOp &op) {
    return !domain.empty() && op.domain != domain;
  });
  if (ops.empty())
    return options.misuse("there is no operator of domain '" + domain + "'");
  markdown ? printMarkdown(ops) : printLines(ops);
  return 0;
}
