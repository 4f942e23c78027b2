#pragma once
// A file that is there as a whole or not at all.

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "base/result.h"
#include "http/unique_fd.h"

namespace vestibule::app {

/// Writes to `FILE.part`, which only its owner may read and only one process writes, and gives it
/// its name when all of it is on the disk. Not thread-safe.
class PartFile {
 public:
  /// What becomes of a file that has the name already.
  enum class Existing {
    kKept,     ///< it is not written over: an error
    kReplaced  ///< it goes when the new one is whole
  };

  /// Begins `FILE.part`, always with a new file: what an interrupted run left under that name goes
  /// first. `-` is standard output, of which nothing is promised but the bytes. Errors for the
  /// operator: kConflict where FILE is to be kept and there, and while another process writes
  /// `FILE.part`; kInvalidValue where FILE or `FILE.part` is a folder, a device or a pipe;
  /// kUnavailable with the system's reason, which may be that the file system has no locks.
  [[nodiscard]] static Result<PartFile> open(std::filesystem::path file, Existing existing);
  PartFile(PartFile&& other) noexcept;
  PartFile& operator=(PartFile&&) = delete;
  /// Removes `FILE.part`, unless it was published or is kept for the operator.
  ~PartFile();

  /// Error kUnavailable for the operator, when the disk is full or the reader has gone.
  [[nodiscard]] Result<void> write(std::string_view bytes);

  /// Makes the file durable and gives it its name, durably. Errors for the operator: kConflict when
  /// a file that is to be kept came there meanwhile, or `FILE.part` was taken away; else
  /// kUnavailable. Where only the name could not be given, `FILE.part` is whole, stays, and is
  /// named by the error.
  [[nodiscard]] Result<void> publish();

  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] const std::filesystem::path& path() const { return file_; }

 private:
  PartFile(std::filesystem::path file, Existing existing);
  [[nodiscard]] int descriptor() const;

  std::filesystem::path file_;
  Existing existing_;
  http::UniqueFd fd_;           ///< none: standard output, or there is nothing more to write
  std::filesystem::path part_;  ///< empty: there is none, or it is not to be removed
  std::uint64_t bytes_ = 0;
};

}  // namespace vestibule::app
