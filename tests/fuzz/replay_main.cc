// Runs a fuzz target on files, where there is no libFuzzer: each file, and each beginning of it,
// since most defects of parsers show where the input ends too early. Usage: fuzz_NAME
// FILE-OR-FOLDER…

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

/// A copy of its own size on the heap, so that a sanitizer sees every read behind the end.
void run(const std::string& input, std::size_t size) {
  const std::vector<std::uint8_t> bytes(input.begin(),
                                        input.begin() + static_cast<std::ptrdiff_t>(size));
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

std::vector<std::filesystem::path> inputFiles(int count, char** arguments) {
  std::vector<std::filesystem::path> files;
  for (int i = 1; i < count; ++i) {
    const std::filesystem::path path = arguments[i];
    if (!std::filesystem::is_directory(path)) {
      files.push_back(path);
      continue;
    }
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

int main(int count, char** arguments) {
  // Beyond this many bytes not every beginning is run but only so many, spread evenly.
  constexpr std::size_t kBeginnings = 2'000;
  const std::vector<std::filesystem::path> files = inputFiles(count, arguments);
  if (files.empty()) {
    static_cast<void>(std::fputs("replay: no input files\n", stderr));
    return 1;
  }
  std::size_t runs = 0;
  for (const std::filesystem::path& file : files) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) {
      static_cast<void>(std::fprintf(stderr, "replay: cannot read %s\n", file.c_str()));
      return 1;
    }
    // Said before the run: after a crash the last line names the input.
    static_cast<void>(std::printf("%s\n", file.c_str()));
    static_cast<void>(std::fflush(stdout));
    std::ostringstream content;
    content << stream.rdbuf();
    const std::string input = content.str();
    const std::size_t step = std::max<std::size_t>(1, input.size() / kBeginnings);
    for (std::size_t size = 0; size < input.size(); size += step, ++runs) run(input, size);
    run(input, input.size());
    ++runs;
  }
  static_cast<void>(std::printf("%zu inputs from %zu files\n", runs, files.size()));
  return 0;
}
