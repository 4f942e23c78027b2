#pragma once
// The bytes of a backup: a line that says what it is, then blocks. A block is a letter, the length
// of its content in four bytes (big endian), the content, and a SHA-256 over the one of the block
// before, the letter, the length and the content. So no block can be changed, left out, repeated or
// put elsewhere without being noticed, the last one's checksum stands for the whole, and a backup
// that was cut short lacks its last block.

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/backup_record.h"

namespace vestibule::store {

/// The format that this program writes, and the newest that it reads.
inline constexpr std::uint64_t kBackupFormat = 1;

/// Writes records as bytes.
class BackupWriter {
 public:
  using Output = std::function<Result<void>(std::string_view)>;
  explicit BackupWriter(Output output);

  /// Writes one record. Errors of the output.
  [[nodiscard]] Result<void> take(const BackupRecord& record);
  /// The checksum of all that was written, hexadecimal.
  [[nodiscard]] std::string checksum() const;

 private:
  Output output_;
  std::string chain_;
};

/// Reads records from bytes and checks them.
class BackupReader {
 public:
  /// Gives up to `size` bytes into `into`, and 0 at the end.
  using Input = std::function<Result<std::size_t>(char* into, std::size_t size)>;
  explicit BackupReader(Input input);

  /// The next record; nothing behind the last. Error kInvalidValue that says what is wrong, by
  /// block and byte: no backup, a newer format, cut short, damaged, more behind its end. Errors of
  /// the input.
  [[nodiscard]] Result<std::optional<BackupRecord>> next();
  /// The checksum of all that was read, hexadecimal.
  [[nodiscard]] std::string checksum() const;
  /// How many bytes were read.
  [[nodiscard]] std::uint64_t bytes() const { return at_; }

 private:
  /// How many of the bytes there were.
  Result<std::size_t> readUpTo(char* into, std::size_t size);
  Result<void> readTitle();
  tl::unexpected<Error> cutShort() const;
  tl::unexpected<Error> damaged(std::uint64_t from) const;

  Input input_;
  std::string chain_;
  std::uint64_t at_ = 0;
  std::uint64_t block_ = 0;
  bool ended_ = false;
};

/// The rows as the bytes of a block have them.
[[nodiscard]] std::string encodeRows(const BackupRows& rows);

}  // namespace vestibule::store
