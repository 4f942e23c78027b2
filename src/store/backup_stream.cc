#include "store/backup_stream.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/crypto.h"
#include "base/encoding.h"
#include "store/backup_text.h"

namespace vestibule::store {
namespace {

constexpr std::string_view kTitle = "vestibule backup\n";
constexpr std::size_t kHeadBytes = 5;
constexpr std::size_t kDigestBytes = 32;
/// More than the longest block that is ever written: a row of the longest document.
constexpr std::uint32_t kLongestBlock = 1U << 28U;
constexpr std::uint32_t kNull = 0xffffffff;

enum Letter : char { kHeader = 'H', kTable = 'T', kRows = 'R', kEnd = 'Z' };

void appendNumber(std::string& out, std::uint32_t number) {
  for (const unsigned shift : {24U, 16U, 8U, 0U}) out += static_cast<char>(number >> shift & 0xffU);
}

/// Takes a number from the front of the bytes; nothing when they are too few.
std::optional<std::uint32_t> takeNumber(std::string_view& bytes) {
  constexpr std::size_t kBytes = 4;
  if (bytes.size() < kBytes) return std::nullopt;
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < kBytes; ++i)
    number = number << 8U | static_cast<unsigned char>(bytes[i]);
  bytes.remove_prefix(kBytes);
  return number;
}

/// Nothing when the bytes are no rows.
std::optional<BackupRows> decodeRows(std::string_view bytes) {
  const auto count = takeNumber(bytes);
  const auto columns = takeNumber(bytes);
  if (!count || !columns || *columns == 0) return std::nullopt;
  BackupRows rows;
  for (std::uint32_t i = 0; i < *count; ++i) {
    if (bytes.size() / 4 < *columns) return std::nullopt;
    auto& row = rows.emplace_back(*columns);
    for (auto& value : row) {
      const auto length = takeNumber(bytes);
      if (!length) return std::nullopt;
      if (*length == kNull) continue;
      if (bytes.size() < *length) return std::nullopt;
      value.emplace(bytes.substr(0, *length));
      bytes.remove_prefix(*length);
    }
  }
  if (!bytes.empty()) return std::nullopt;
  return rows;
}

struct Encoded {
  char letter;
  std::string content;
};

Encoded encode(const BackupRecord& record) {
  if (const auto* header = std::get_if<BackupHeader>(&record)) return {kHeader, textOf(*header)};
  if (const auto* table = std::get_if<BackupTable>(&record)) return {kTable, textOf(*table)};
  if (const auto* rows = std::get_if<BackupRows>(&record)) return {kRows, encodeRows(*rows)};
  return {kEnd, textOf(std::get<BackupEnd>(record))};
}

/// The record of a block whose checksum is right; nothing when it is none that this format has.
Result<std::optional<BackupRecord>> decode(char letter, std::string_view content) {
  const auto wrap = [](auto decoded) -> std::optional<BackupRecord> {
    if (!decoded) return std::nullopt;
    return BackupRecord(*std::move(decoded));
  };
  switch (letter) {
    case kHeader: {
      auto header = readHeader(content);
      if (!header) return propagate(header);
      return wrap(*std::move(header));
    }
    case kTable:
      return wrap(readTable(content));
    case kRows:
      return wrap(decodeRows(content));
    case kEnd:
      return wrap(readEnd(content));
    default:
      return std::optional<BackupRecord>();
  }
}

}  // namespace

std::uint64_t rowsOf(const std::vector<BackupCount>& counts) {
  std::uint64_t rows = 0;
  for (const auto& count : counts) rows += count.rows;
  return rows;
}

std::string encodeRows(const BackupRows& rows) {
  std::string bytes;
  appendNumber(bytes, static_cast<std::uint32_t>(rows.size()));
  appendNumber(bytes, static_cast<std::uint32_t>(rows.empty() ? 1 : rows.front().size()));
  for (const auto& row : rows) {
    for (const auto& value : row) {
      appendNumber(bytes, value ? static_cast<std::uint32_t>(value->size()) : kNull);
      if (value) bytes += *value;
    }
  }
  return bytes;
}

BackupWriter::BackupWriter(Output output) : output_(std::move(output)) {}

Result<void> BackupWriter::take(const BackupRecord& record) {
  if (chain_.empty()) {
    if (auto written = output_(kTitle); !written) return written;
    chain_ = sha256(kTitle);
  }
  auto [letter, content] = encode(record);
  std::string block(1, letter);
  appendNumber(block, static_cast<std::uint32_t>(content.size()));
  block += content;
  chain_ = sha256(chain_ + block);
  block += chain_;
  return output_(block);
}

std::string BackupWriter::checksum() const { return toHex(chain_); }

BackupReader::BackupReader(Input input) : input_(std::move(input)) {}

Result<std::size_t> BackupReader::readUpTo(char* into, std::size_t size) {
  std::size_t got = 0;
  while (got < size) {
    auto read = input_(into + got, size - got);
    if (!read) return propagate(read);
    if (*read == 0) break;
    got += *read;
  }
  at_ += got;
  return got;
}

Result<void> BackupReader::readTitle() {
  std::string title(kTitle.size(), '\0');
  auto got = readUpTo(title.data(), title.size());
  if (!got) return propagate(got);
  title.resize(*got);
  if (title != kTitle) {
    return failure(ErrorKind::kInvalidValue,
                   title.empty() ? "the file is empty" : "the file is no backup of Vestibule");
  }
  chain_ = sha256(kTitle);
  return {};
}

tl::unexpected<Error> BackupReader::cutShort() const {
  return failure(ErrorKind::kInvalidValue, "the backup is cut short: it ends at byte " +
                                               std::to_string(at_) + ", in block " +
                                               std::to_string(block_) + ", and has no end");
}

tl::unexpected<Error> BackupReader::damaged(std::uint64_t from) const {
  return failure(ErrorKind::kInvalidValue, "the backup is damaged in block " +
                                               std::to_string(block_) + ", which begins at " +
                                               "byte " + std::to_string(from));
}

Result<std::optional<BackupRecord>> BackupReader::next() {
  if (chain_.empty()) {
    if (auto titled = readTitle(); !titled) return propagate(titled);
  }
  const auto from = at_;
  std::array<char, kHeadBytes> head{};
  auto got = readUpTo(head.data(), head.size());
  if (!got) return propagate(got);
  if (ended_) {
    if (*got == 0) return std::optional<BackupRecord>();
    return failure(ErrorKind::kInvalidValue,
                   "the backup ends at byte " + std::to_string(from) + ", and the file does not");
  }
  ++block_;
  if (*got < head.size()) return cutShort();
  std::string_view length_bytes(head.data() + 1, 4);
  const auto length = *takeNumber(length_bytes);
  if (length > kLongestBlock) return damaged(from);
  std::string rest(length + kDigestBytes, '\0');
  got = readUpTo(rest.data(), rest.size());
  if (!got) return propagate(got);
  if (*got < rest.size()) return cutShort();
  const auto content = std::string_view(rest).substr(0, length);
  auto expected = sha256(chain_ + std::string(head.data(), head.size()) + std::string(content));
  if (expected != std::string_view(rest).substr(length)) return damaged(from);
  chain_ = std::move(expected);
  auto record = decode(head[0], content);
  if (!record) return record;
  const bool header_first = (block_ == 1) == (head[0] == kHeader);
  if (!*record || !header_first) return damaged(from);
  ended_ = head[0] == kEnd;
  return record;
}

std::string BackupReader::checksum() const { return toHex(chain_); }

}  // namespace vestibule::store
