#include "store/migration_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <system_error>
#include <utility>

#include "store/migration_steps.h"

namespace vestibule::store {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kNumberDigits = 3;

tl::unexpected<Error> badFile(const fs::path& file, const std::string& what) {
  return failure(ErrorKind::kInvalidValue, "migration " + file.string() + " " + what);
}

bool isDigit(char c) { return c >= '0' && c <= '9'; }

/// The number in a name like `001_what.sql`; nothing for other names.
std::optional<unsigned> numberIn(const std::string& name) {
  if (name.size() <= kNumberDigits + 1 || name[kNumberDigits] != '_' || !name.ends_with(".sql")) {
    return std::nullopt;
  }
  unsigned number = 0;
  for (std::size_t i = 0; i < kNumberDigits; ++i) {
    if (!isDigit(name[i])) return std::nullopt;
    number = number * 10 + static_cast<unsigned>(name[i] - '0');
  }
  return number;
}

Result<std::vector<Migration>> readFolder(const fs::path& folder) {
  std::error_code problem;
  std::vector<fs::path> files;
  for (fs::directory_iterator entry(folder, problem), end; !problem && entry != end;
       entry.increment(problem)) {
    files.push_back(entry->path());
  }
  if (problem) return badFile(folder, "cannot be read: " + problem.message());
  std::sort(files.begin(), files.end());

  std::vector<Migration> migrations;
  for (const auto& file : files) {
    const auto number = numberIn(file.filename().string());
    if (!number) return badFile(file, "has a name that is not like 001_what.sql");
    if (*number != migrations.size() + 1) {
      return badFile(file, "should have the number " + std::to_string(migrations.size() + 1) +
                               ": numbers begin with 1, and each comes once");
    }
    std::ifstream in(file, std::ios::binary);
    std::ostringstream content;
    // An empty file sets the failure bit of what it is read into.
    if (in && in.peek() != std::ifstream::traits_type::eof()) content << in.rdbuf();
    if (!in.is_open() || in.bad() || !content) return badFile(file, "cannot be read");
    auto sql = std::move(content).str();
    for (const auto& step : stepsOf(sql)) {
      if (step.empty()) return badFile(file, "has an empty step");
    }
    migrations.push_back({*number, file.filename().string(), std::move(sql)});
  }
  if (migrations.empty()) return badFile(folder, "holds no file");
  return migrations;
}

}  // namespace

Result<MigrationSet> readMigrations(const std::string& folder) {
  auto control = readFolder(fs::path(folder) / "control");
  if (!control) return propagate(control);
  auto domain = readFolder(fs::path(folder) / "domain");
  if (!domain) return propagate(domain);
  return MigrationSet{*std::move(control), *std::move(domain), {}};
}

}  // namespace vestibule::store
