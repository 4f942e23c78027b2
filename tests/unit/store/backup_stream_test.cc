#include "store/backup_stream.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "base/crypto.h"

namespace vestibule::store {
namespace {

std::vector<BackupRecord> someRecords() {
  BackupHeader header;
  header.program = "0.9";
  header.taken = 1'700'000'000'000'000;
  header.database = "10.11-MariaDB";
  header.installation = "ab";
  header.whole = true;
  header.domains = {{1, "PRIMARY"}, {2, "CORP"}};
  header.identity_providers = {{7, "okta \"corp\""}};
  header.consent_purposes = {{1, "DEFAULT"}};
  header.control_migrations = {{1, "00"}};
  header.domain_migrations = {{1, "11"}, {2, "22"}};
  const BackupTable table{
      DomainNumber(2),
      "users",
      {{"seq", ColumnKind::kNumber}, {"id", ColumnKind::kBytes}, {"document", ColumnKind::kText}}};
  const BackupTable control{std::nullopt, "secrets", {{"name", ColumnKind::kText}}};
  const BackupRows rows = {{"1", std::string("\0\xff", 2), "ü"},
                           {std::nullopt, "", std::string(100'000, 'x')}};
  const BackupEnd end{{{std::nullopt, "secrets", 0, "cc"}, {DomainNumber(2), "users", 2, "dd"}}};
  return {header, control, table, rows, end};
}

std::string bytesOf(const std::vector<BackupRecord>& records) {
  std::string bytes;
  BackupWriter writer([&](std::string_view more) -> Result<void> {
    bytes += more;
    return {};
  });
  for (const auto& record : records) EXPECT_TRUE(writer.take(record));
  return bytes;
}

/// Reads in pieces of a few bytes, as a pipe may give them.
Result<std::vector<BackupRecord>> read(std::string_view bytes, std::size_t piece = 7'777) {
  BackupReader reader([&](char* into, std::size_t size) -> Result<std::size_t> {
    const auto got = std::min({size, bytes.size(), piece});
    std::memcpy(into, bytes.data(), got);
    bytes.remove_prefix(got);
    return got;
  });
  std::vector<BackupRecord> records;
  for (;;) {
    auto record = reader.next();
    if (!record) return propagate(record);
    if (!*record) return records;
    records.push_back(**std::move(record));
  }
}

void expectRefused(std::string_view bytes, std::string_view because) {
  const auto records = read(bytes);
  ASSERT_FALSE(records) << because;
  EXPECT_EQ(records.error().kind, ErrorKind::kInvalidValue);
  EXPECT_NE(records.error().detail.find(because), std::string::npos) << records.error().detail;
}

TEST(BackupStream, WhatIsWrittenIsRead) {
  const auto bytes = bytesOf(someRecords());
  for (const std::size_t piece : {std::size_t{1}, std::size_t{100}, bytes.size()}) {
    const auto records = read(bytes, piece);
    ASSERT_TRUE(records) << records.error().detail;
    EXPECT_EQ(*records, someRecords());
  }
}

TEST(BackupStream, TheChecksumIsThatOfTheWholeForBothSides) {
  std::string bytes;
  BackupWriter writer([&](std::string_view more) -> Result<void> {
    bytes += more;
    return {};
  });
  for (const auto& record : someRecords()) ASSERT_TRUE(writer.take(record));
  std::string_view left = bytes;
  BackupReader reader([&](char* into, std::size_t size) -> Result<std::size_t> {
    const auto got = std::min(size, left.size());
    std::memcpy(into, left.data(), got);
    left.remove_prefix(got);
    return got;
  });
  while (*reader.next()) {
  }
  EXPECT_EQ(reader.checksum(), writer.checksum());
  EXPECT_EQ(reader.bytes(), bytes.size());
}

TEST(BackupStream, EachKindOfDamageIsNamed) {
  const auto bytes = bytesOf(someRecords());
  expectRefused("", "the file is empty");
  expectRefused("{\"a\":1}", "no backup of Vestibule");
  expectRefused(bytes + "x", "and the file does not");
  expectRefused(bytes + bytes, "and the file does not");
  // A block left out, which is all in order by itself.
  const auto first_three = bytesOf({someRecords()[0], someRecords()[1], someRecords()[2]}).size();
  const auto first_four =
      bytesOf({someRecords()[0], someRecords()[1], someRecords()[2], someRecords()[3]}).size();
  expectRefused(bytes.substr(0, first_three) + bytes.substr(first_four), "damaged in block 4");
  auto long_block = bytes;
  long_block[first_three + 1] = '\xff';
  expectRefused(long_block, "damaged in block 4");
}

TEST(BackupStream, ANewerFormatIsNamedWithTheVersionThatReadsIt) {
  // As a program would write it that knows more.
  const std::string title = "vestibule backup\n";
  const std::string content = R"({"format":2,"program":"9.9"})";
  std::string block = "H";
  block += std::string({'\0', '\0', '\0', static_cast<char>(content.size())}) + content;
  expectRefused(title + block + sha256(sha256(title) + block),
                "has format 2, and this program reads formats up to 1: use the version of "
                "Vestibule that made it, 9.9");
}

TEST(BackupStream, CutAnywhereItIsCutShort) {
  const auto bytes = bytesOf(someRecords());
  for (std::size_t size = 17; size < bytes.size(); size += size < 3'000 ? 1 : 997) {
    expectRefused(std::string_view(bytes).substr(0, size), "is cut short");
  }
}

TEST(BackupStream, AnyChangedByteIsNoticed) {
  const auto bytes = bytesOf(someRecords());
  for (std::size_t at = 0; at < bytes.size(); at += at < 3'000 ? 1 : 997) {
    auto changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 0x20);
    EXPECT_FALSE(read(changed)) << at;
  }
}

TEST(BackupStream, RowsInFrontOfAHeaderAreDamage) {
  auto records = someRecords();
  records.erase(records.begin());
  expectRefused(bytesOf(records), "damaged in block 1");
}

}  // namespace
}  // namespace vestibule::store
