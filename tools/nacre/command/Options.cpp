#include "tools/nacre/command/Options.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace nacre::command;
using llvm::ArrayRef;
using llvm::StringRef;

bool nacre::command::splitPair(StringRef text, StringRef &name,
                               StringRef &value) {
  std::tie(name, value) = text.split('=');
  return text.contains('=') && !name.empty() && !value.empty();
}

void Options::flag(StringRef option, StringRef help, bool &value) {
  options.push_back({option.str(), "", help.str(), [&value](StringRef) {
                       value = true;
                       return std::string();
                     }});
}

void Options::text(StringRef option, StringRef meta, StringRef help,
                   std::string &value) {
  each(option, meta, help, [&value](StringRef text) {
    value = text.str();
    return std::string();
  });
}

void Options::number(StringRef option, StringRef meta, StringRef help,
                     unsigned &value) {
  each(option, meta, help, [&value](StringRef text) {
    return std::string(text.getAsInteger(10, value) || value > 1000000
                           ? "expected a number from 0 to 1000000"
                           : "");
  });
}

void Options::real(StringRef option, StringRef meta, StringRef help,
                   std::optional<double> &value) {
  each(option, meta, help, [&value](StringRef text) {
    double number = 0;
    if (text.getAsDouble(number) || !(number >= 0))
      return std::string("expected a number of at least 0");
    value = number;
    return std::string();
  });
}

void Options::each(StringRef option, StringRef meta, StringRef help,
                   std::function<std::string(StringRef)> set) {
  options.push_back({option.str(), meta.str(), help.str(), std::move(set)});
}

int Options::misuse(const llvm::Twine &text) const {
  llvm::errs() << "nacre " << name << ": error: " << text << "\n"
               << "nacre " << name << ": note: see 'nacre " << name
               << " --help'\n";
  return 2;
}

void Options::help() const {
  llvm::outs() << "usage: nacre " << name << " " << usage << "\n\n"
               << summary << "\n\noptions:\n";
  auto row = [](const std::string &left, StringRef text) {
    llvm::outs() << "  " << llvm::left_justify(left, 24);
    if (left.size() > 23)
      llvm::outs() << "\n" << llvm::left_justify("", 26);
    for (char c : text) {
      llvm::outs() << c;
      if (c == '\n')
        llvm::outs() << llvm::left_justify("", 26);
    }
    llvm::outs() << "\n";
  };
  for (const Option &option : options)
    row((option.name.size() == 1 ? "-" : "--") + option.name +
            (option.meta.empty() ? "" : " " + option.meta),
        option.help);
  row("--help", "print this");
  if (!trailer.empty())
    llvm::outs() << "\n" << trailer << "\n";
}

const Options::Option *Options::find(StringRef option) const {
  auto found = llvm::find_if(
      options, [&](const Option &each) { return each.name == option; });
  return found == options.end() ? nullptr : &*found;
}

/// Takes the option that `rest` starts with.
bool Options::takeOption(ArrayRef<const char *> &rest,
                         std::string &error) const {
  StringRef text = rest.front();
  rest = rest.drop_front();
  bool isLong = text.starts_with("--");
  auto [option, value] = text.drop_front(isLong ? 2 : 1).split('=');
  bool hasValue = text.contains('=');
  if (!isLong && option.size() > 1) {
    value = text.drop_front(2);
    value.consume_front("=");
    option = text.substr(1, 1);
    hasValue = true;
  }
  const Option *known = find(option);
  std::string shown = ((isLong ? "--" : "-") + option).str();
  if (!known || isLong != (option.size() > 1)) {
    error = "unknown option '" + shown + "'";
    return false;
  }
  if (known->meta.empty() == hasValue) {
    if (hasValue) {
      error = "option '" + shown + "' takes no value";
      return false;
    }
    if (rest.empty()) {
      error = "option '" + shown + "' needs a value: " + known->meta;
      return false;
    }
    value = rest.front();
    rest = rest.drop_front();
  }
  error = known->set(value);
  if (!error.empty())
    error = "option '" + shown + "': " + error + ", found '" + value.str() + "'";
  return error.empty();
}

std::optional<int> Options::parse(ArrayRef<const char *> arguments) {
  size_t taken = 0;
  bool onlyPositionals = false;
  while (!arguments.empty()) {
    StringRef text = arguments.front();
    if (!onlyPositionals && (text == "--help" || text == "-h")) {
      help();
      return 0;
    }
    if (!onlyPositionals && text.starts_with("-") && text.size() > 1) {
      std::string error;
      if (text == "--") {
        onlyPositionals = true;
        arguments = arguments.drop_front();
      } else if (!takeOption(arguments, error)) {
        return misuse(error);
      }
      continue;
    }
    if (taken == positionals.size())
      return misuse("unexpected argument '" + text + "'");
    *positionals[taken++] = text.str();
    arguments = arguments.drop_front();
  }
  if (taken < positionals.size())
    return misuse("an argument is missing; usage: nacre " + name + " " + usage);
  return std::nullopt;
}
