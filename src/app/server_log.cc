#include "app/server_log.h"

#include <fmt/format.h>

#include <fstream>
#include <string_view>
#include <vector>

#include "base/log.h"

namespace vestibule::app {

std::string loggedErrors(const std::filesystem::path& log, std::uintmax_t start) {
  constexpr std::size_t kMost = 3;
  std::ifstream in(log, std::ios::binary);
  in.seekg(static_cast<std::streamoff>(start));
  std::vector<std::string> errors;
  for (std::string line; std::getline(in, line);) {
    // The second form is that of statements which fail while the system tables are made.
    std::string_view text = line;
    for (const std::string_view mark : {"[ERROR] ", "ERROR: "}) {
      const auto at = line.find(mark);
      if (at == std::string::npos) continue;
      text.remove_prefix(at + mark.size());
      break;
    }
    if (text.size() == line.size() || text == "Aborting") continue;
    if (errors.size() == kMost) errors.erase(errors.begin());
    errors.push_back(printable(text, 300));
  }
  return fmt::format("{}", fmt::join(errors, "; "));
}

}  // namespace vestibule::app
