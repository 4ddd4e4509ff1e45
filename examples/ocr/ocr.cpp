// Reads the text in a picture with three compiled PP-OCR models.
//
//   nacre-ocr --det det.so --cls cls.so --rec rec.so --keys keys.txt
//   picture.png
#include "Classify.h"
#include "Detect.h"
#include "Recognize.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <map>

using namespace ocr;

static const char *const usage =
    "usage: nacre-ocr --det det.so --cls cls.so --rec rec.so --keys keys.txt\n"
    "                 [--expect lines.txt] picture.png\n";

/// The options by name; the picture's is the empty one. Empty if they are
/// wrong.
static std::map<std::string, std::string> parse(int argc, char **argv) {
  std::map<std::string, std::string> options = {
      {"--det", ""}, {"--cls", ""}, {"--rec", ""}, {"--keys", ""}, {"", ""}};
  for (int i = 1; i < argc; ++i) {
    std::string name = argv[i];
    if (name.rfind("--", 0) != 0)
      options[""] = name;
    else if ((options.count(name) || name == "--expect") && i + 1 < argc)
      options[name] = argv[++i];
    else
      return {};
  }
  for (auto &[name, value] : options)
    if (value.empty())
      return {};
  return options;
}

namespace {

/// Milliseconds since the last call.
class Stopwatch {
public:
  double lap() {
    auto now = std::chrono::steady_clock::now();
    std::chrono::duration<double, std::milli> time = now - last;
    last = now;
    return time.count();
  }

private:
  std::chrono::steady_clock::time_point last = std::chrono::steady_clock::now();
};

} // namespace

static void print(const Box &box, const Text &text) {
  std::printf("%10.3f %5d   ", double(text.confidence), int(box.angle()));
  for (Point corner :
       {box.at(0, 0), box.at(1, 0), box.at(1, 1), box.at(0, 1)}) {
    std::string place = std::to_string(int(corner.x + 0.5f)) + "," +
                        std::to_string(int(corner.y + 0.5f));
    std::printf("%-10s", place.c_str());
  }
  std::printf("  %s\n", text.text.c_str());
}

/// Says how many lines of the file were read; true if all of them.
static bool compare(const std::vector<Text> &texts, const std::string &path) {
  std::ifstream file(path);
  size_t count = 0, found = 0;
  for (std::string line; std::getline(file, line); ++count) {
    if (std::any_of(texts.begin(), texts.end(),
                    [&](const Text &text) { return text.text == line; }))
      ++found;
    else
      std::printf("not read: %s\n", line.c_str());
  }
  std::printf("%zu of %zu lines read as expected\n", found, count);
  return count > 0 && found == count;
}

int main(int argc, char **argv) try {
  auto options = parse(argc, argv);
  if (options.empty()) {
    std::fputs(usage, stderr);
    return 2;
  }
  Stopwatch watch;
  Detector detector(options["--det"]);
  Classifier classifier(options["--cls"]);
  Recognizer recognizer(options["--rec"], options["--keys"]);
  Image image = readPng(options[""]);
  double load = watch.lap();

  std::vector<Box> lines = detector.detect(image);
  double detect = watch.lap();
  classifier.turnUpright(image, lines);
  double classify = watch.lap();
  std::vector<Text> texts;
  for (const Box &line : lines)
    texts.push_back(recognizer.read(image, line));
  double read = watch.lap();

  std::printf(
      "confidence angle   corners                                   text\n");
  for (size_t i = 0; i < lines.size(); ++i)
    print(lines[i], texts[i]);
  std::printf("\n%zu lines in a picture of %d x %d\n", lines.size(),
              image.width, image.height);
  std::printf("load %.1f ms, detect %.1f ms, classify %.1f ms, read %.1f ms, "
              "together %.1f ms\n",
              load, detect, classify, read, load + detect + classify + read);
  if (options.count("--expect") && !compare(texts, options["--expect"]))
    return 1;
  return 0;
} catch (const std::exception &error) {
  std::fprintf(stderr, "nacre-ocr: %s\n", error.what());
  return 1;
}
