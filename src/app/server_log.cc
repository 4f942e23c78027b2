#include "app/server_log.h"

#include <fmt/format.h>

#include <fstream>
#include <string_view>
#include <vector>

#include "base/log.h"

namespace vestibule::app {

std::string loggedErrors(const std::filesystem::path& log, std::uintmax_t start) {
  constexpr std::string_view kMark = "[ERROR] ";
  constexpr std::size_t kMost = 3;
  std::ifstream in(log, std::ios::binary);
  in.seekg(static_cast<std::streamoff>(start));
  std::vector<std::string> errors;
  for (std::string line; std::getline(in, line);) {
    const auto mark = line.find(kMark);
    if (mark == std::string::npos) continue;
    if (errors.size() == kMost) errors.erase(errors.begin());
    errors.push_back(printable(line.substr(mark + kMark.size()), 300));
  }
  return fmt::format("{}", fmt::join(errors, "; "));
}

}  // namespace vestibule::app
