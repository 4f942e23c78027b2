#include "app/resources.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "app/operator_error.h"

namespace vestibule::app {

Result<std::filesystem::path> resourceFolder(std::string_view name) {
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  auto folder = program.parent_path().parent_path() / "share" / "vestibule" / name;
  if (std::filesystem::is_directory(folder, error)) return folder;
  return operatorFailure(ErrorKind::kNotFound,
                         "the folder " + folder.string() +
                             " is not there, which belongs to this program: it moves with it");
}

Result<std::string> readFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  if (!file || !content) {
    return operatorFailure(ErrorKind::kNotFound, "cannot read " + path.string());
  }
  return std::move(content).str();
}

Result<std::vector<scim::SchemaFile>> readSchemaFiles(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> paths;
  std::error_code error;
  for (auto entry = std::filesystem::recursive_directory_iterator(folder, error);
       !error && entry != std::filesystem::recursive_directory_iterator(); entry.increment(error)) {
    if (entry->is_regular_file() && entry->path().extension() == ".json") {
      paths.push_back(entry->path());
    }
  }
  if (error || paths.empty()) {
    return operatorFailure(ErrorKind::kNotFound,
                           "there are no schema files (*.json) in " + folder.string());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<scim::SchemaFile> files;
  for (const auto& path : paths) {
    auto content = readFile(path);
    if (!content) return propagate(content);
    files.push_back({std::filesystem::relative(path, folder, error).string(), *std::move(content)});
  }
  return files;
}

}  // namespace vestibule::app
