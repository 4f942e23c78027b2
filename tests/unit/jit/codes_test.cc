#include "jit/codes.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace vestibule::jit {
namespace {

/// The rows of the table in docs/jit-codes.md: code and title.
std::vector<std::pair<std::string, std::string>> documentedCodes() {
  std::ifstream file(VESTIBULE_SOURCE_DIR "/docs/jit-codes.md");
  std::vector<std::pair<std::string, std::string>> rows;
  std::string line;
  while (std::getline(file, line)) {
    if (line.rfind("| JIT-", 0) != 0) continue;
    std::vector<std::string> cells;
    std::istringstream cut(line);
    for (std::string cell; std::getline(cut, cell, '|');) cells.push_back(cell);
    if (cells.size() < 5) continue;
    const auto inside = [](const std::string& cell) { return cell.substr(1, cell.size() - 2); };
    rows.emplace_back(inside(cells[1]), inside(cells[3]));
  }
  return rows;
}

TEST(Codes, AreDocumentedOneByOneUnderTheirTitles) {
  std::vector<std::pair<std::string, std::string>> expected;
  for (const CodeInfo& info : kCodes) {
    expected.emplace_back(std::string(info.code), std::string(info.title));
  }
  EXPECT_EQ(documentedCodes(), expected);
}

TEST(Codes, AreEachGivenOnce) {
  std::set<std::string_view> seen;
  for (const CodeInfo& info : kCodes) EXPECT_TRUE(seen.insert(info.code).second) << info.code;
}

TEST(Codes, AreFoundByTheirText) {
  ASSERT_NE(findCode("JIT-1203"), nullptr);
  EXPECT_EQ(findCode("JIT-1203")->kind, ErrorKind::kUniqueness);
  EXPECT_EQ(findCode("JIT-12"), nullptr);
  EXPECT_EQ(findCode(""), nullptr);
}

TEST(Codes, KeepTheTextOfTheErrorTheyAreGivenTo) {
  const auto refused = refusal(
      kUserNameRefused, Error{ErrorKind::kInvalidFilter, "too short", "inside", "x", "POL-1001"});
  EXPECT_EQ(refused.value().code, "JIT-1202");
  EXPECT_EQ(refused.value().kind, ErrorKind::kInvalidValue);
  EXPECT_EQ(refused.value().detail, "too short");
  EXPECT_EQ(refused.value().internal, "inside");
}

}  // namespace
}  // namespace vestibule::jit
