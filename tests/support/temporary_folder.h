#pragma once
// A folder for one test.

#include <filesystem>
#include <string>

namespace vestibule::test {

/// A new empty folder below /tmp (a short path: sockets go into it), removed with all it holds when
/// this object goes.
class TemporaryFolder {
 public:
  /// Throws std::runtime_error when there is none to be had, which fails the test.
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace vestibule::test
