#include "scim/tolerance/tolerances.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>

namespace vestibule::scim {
namespace {

TEST(Tolerances, HaveNamesAndLinesOfTheirOwn) {
  std::set<std::string_view> names;
  std::set<std::string_view> lines;
  for (const ToleranceInfo& row : toleranceTable()) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(nameOf(row.tolerance), row.name);
    EXPECT_TRUE(names.insert(row.name).second);
    EXPECT_TRUE(lines.insert(row.accepts).second);
    EXPECT_EQ(row.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_"),
              std::string_view::npos);
    EXPECT_FALSE(row.accepts.empty());
  }
}

TEST(Tolerances, NoPresetHasTheDangerousOnes) {
  for (const TolerancePreset& preset : tolerancePresets()) {
    SCOPED_TRACE(preset.name);
    EXPECT_FALSE(preset.tolerances.has(Tolerance::kMembersReplaceAdds));
    EXPECT_FALSE(preset.tolerances.has(Tolerance::kPutAbsentKeep));
    EXPECT_EQ(preset.tolerances.empty(), preset.name == "strict");
  }
}

TEST(Tolerances, AreSpecifiedByAPresetAndChanges) {
  const Tolerances default_set = defaultTolerances();
  const struct {
    const char* text;
    Tolerances expected;
  } cases[] = {
      {"default", default_set},
      {"strict", {}},
      {" strict ", {}},
      {"strict,+string_booleans", {Tolerance::kStringBooleans}},
      {"strict , +string_booleans ,\t+legacy_schema_uris",
       {Tolerance::kStringBooleans, Tolerance::kLegacySchemaUris}},
      {"strict,-string_booleans", {}},
      {"strict,+string_booleans,-string_booleans", {}},
      {"strict,-string_booleans,+string_booleans", {Tolerance::kStringBooleans}},
      {"default,+members_replace_adds", default_set.with(Tolerance::kMembersReplaceAdds)},
      {"default,-string_booleans", default_set.without(Tolerance::kStringBooleans)},
  };
  for (const auto& c : cases) {
    const auto read = parseTolerances(c.text);
    ASSERT_TRUE(read) << c.text << ": " << read.error().detail;
    EXPECT_EQ(*read, c.expected) << c.text << " is " << read->names();
  }
  for (const TolerancePreset& preset : tolerancePresets()) {
    EXPECT_EQ(parseTolerances(preset.name).value(), preset.tolerances);
  }
  std::string all = "strict";
  for (const ToleranceInfo& row : toleranceTable()) all += ",+" + std::string(row.name);
  EXPECT_EQ(parseTolerances(all).value().list().size(), kToleranceCount);
}

TEST(Tolerances, AWrongSpecificationSaysWhatThereIs) {
  const struct {
    const char* text;
    const char* detail;
  } cases[] = {
      {"", "strict, entra, okta, default"},
      {"Strict", "\"Strict\""},
      {"azure", "strict, entra, okta, default"},
      {"+string_booleans", "strict, entra, okta, default"},
      {",strict", "strict, entra, okta, default"},
      {"strict,", "a + or a -"},
      {"strict,,+string_booleans", "a + or a -"},
      {"strict,string_booleans", "\"string_booleans\""},
      {"strict,+String_Booleans", "string_booleans, string_manager"},
      {"strict,+", "members_replace_adds"},
      {"strict,+ string_booleans", "there is no tolerance"},
      {"entra,-nothing", "there is no tolerance \"nothing\": there are string_booleans"},
      {"strict,\x01", "\\x01"},
  };
  for (const auto& c : cases) {
    const auto read = parseTolerances(c.text);
    ASSERT_FALSE(read) << c.text;
    EXPECT_EQ(read.error().kind, ErrorKind::kInvalidValue) << c.text;
    EXPECT_EQ(read.error().attribute, "tolerances") << c.text;
    EXPECT_NE(read.error().detail.find(c.detail), std::string::npos) << read.error().detail;
  }
  EXPECT_FALSE(parseTolerances("strict" + std::string(kMaxToleranceSpecification, ' ')));
}

TEST(Tolerating, NotesWhatItAccepts) {
  TolerancesFired fired;
  const Tolerating tolerating({Tolerance::kStringBooleans, Tolerance::kStringManager}, &fired);
  EXPECT_TRUE(tolerating.allows(Tolerance::kStringManager));
  EXPECT_TRUE(fired.empty());
  EXPECT_TRUE(tolerating.accepts(Tolerance::kStringBooleans));
  EXPECT_FALSE(tolerating.accepts(Tolerance::kPutAbsentKeep));
  EXPECT_EQ(fired, TolerancesFired{Tolerance::kStringBooleans});
  EXPECT_EQ(fired.names(), "string_booleans");
  EXPECT_TRUE(Tolerating(Tolerances{Tolerance::kPutAbsentKeep}).accepts(Tolerance::kPutAbsentKeep));
}

/// The cells of each line `| … |` of a document whose first cell is a name in backquotes.
std::map<std::string, std::vector<std::string>> documentedRows(const std::string& file) {
  std::ifstream document(std::string(VESTIBULE_SOURCE_DIR) + file);
  std::map<std::string, std::vector<std::string>> rows;
  for (std::string line; std::getline(document, line);) {
    if (line.rfind("| `", 0) != 0) continue;
    std::vector<std::string> cells;
    std::istringstream rest(line.substr(2));
    for (std::string cell; std::getline(rest, cell, '|');) {
      const auto end = cell.find_last_not_of(' ');
      const auto begin = cell.find_first_not_of(' ');
      cells.push_back(begin == std::string::npos ? "" : cell.substr(begin, end - begin + 1));
    }
    rows[cells.front()] = {cells.begin() + 1, cells.end()};
  }
  return rows;
}

TEST(Tolerances, TheDocumentSaysWhatThereIs) {
  const auto rows = documentedRows("/docs/tolerances.md");
  for (const TolerancePreset& preset : tolerancePresets()) {
    const auto row = rows.find("`" + std::string(preset.name) + "`");
    ASSERT_NE(row, rows.end()) << preset.name;
    EXPECT_EQ(row->second.at(0), preset.meaning);
  }
  for (const ToleranceInfo& info : toleranceTable()) {
    const auto row = rows.find("`" + std::string(info.name) + "`");
    ASSERT_NE(row, rows.end()) << info.name;
    EXPECT_EQ(row->second.at(0), info.accepts);
    EXPECT_FALSE(row->second.at(1).empty()) << "who needs " << info.name;
    std::string presets;
    for (const TolerancePreset& preset : tolerancePresets()) {
      if (!preset.tolerances.has(info.tolerance)) continue;
      if (!presets.empty()) presets += ", ";
      presets += preset.name;
    }
    EXPECT_EQ(row->second.at(2), presets.empty() ? "none" : presets) << info.name;
  }
  EXPECT_EQ(rows.size(), tolerancePresets().size() + kToleranceCount);
}

}  // namespace
}  // namespace vestibule::scim
