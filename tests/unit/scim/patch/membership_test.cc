#include <gtest/gtest.h>

#include "unit/scim/patch/patch_fixture.h"

namespace vestibule::scim {
namespace {

using test::kStrict;
using test::parsed;
using test::patchMessage;
using test::schemas;

Result<GroupPatch> split(std::string_view operations, Tolerating tolerating = {}) {
  const ResourceType& group = *schemas().group;
  Result<std::vector<PatchOperation>> read =
      parsePatch(*schemas().registry, group, patchMessage(operations), tolerating);
  if (!read) return propagate(read);
  return splitMembership(*group.schema->find("members"), std::move(*read), tolerating);
}

std::string describe(const GroupPatch& patch) {
  static const char* const kNames[] = {"add", "remove", "removeMatching", "replaceAll",
                                       "removeAll"};
  std::string out;
  for (const MemberStep& step : patch.members) {
    out += kNames[static_cast<std::size_t>(step.kind)];
    for (const std::string& value : step.values) out += " " + value;
    if (step.matching) out += " [" + printFilter(*step.matching) + "]";
    out += "; ";
  }
  for (const PatchOperation& operation : patch.rest)
    out += "rest " + operation.attribute.text() + "; ";
  return out;
}

struct Case {
  const char* name;
  const char* operations;
  const char* expected;
  ErrorKind error = ErrorKind::kInternal;
};

class Membership : public ::testing::TestWithParam<Case> {};

TEST_P(Membership, BecomesRowOperations) {
  Result<GroupPatch> patch = split(GetParam().operations);
  if (GetParam().expected == nullptr) {
    ASSERT_FALSE(patch) << describe(*patch);
    EXPECT_EQ(patch.error().kind, GetParam().error) << patch.error().detail;
    EXPECT_TRUE(patch.error().detail.starts_with("operation ")) << patch.error().detail;
    return;
  }
  ASSERT_TRUE(patch) << patch.error().detail;
  EXPECT_EQ(describe(*patch), GetParam().expected);
}

const Case kCases[] = {
    {"F14_Add",
     R"([{"op": "add", "path": "members", "value": [{"value": "a"}, {"value": "b"}, {"value": "a"}]}])",
     "add a b; "},
    {"F14_AddOfOneObject",
     R"([{"op": "add", "path": "members", "value": {"value": "a", "type": "User"}}])", "add a; "},
    {"F14_AddWithoutPath", R"([{"op": "Add", "value": {"members": [{"value": "a"}]}}])", "add a; "},
    {"F14_AddOfNothing", R"([{"op": "add", "path": "members", "value": []}])", ""},
    {"E23_AddWithNullRef",
     R"([{"op": "Add", "path": "members", "value": [{"$ref": null, "value": "a"}]}])", "add a; "},
    {"O13_AddWithDisplay",
     R"([{"op": "add", "path": "members", "value": [{"value": "a", "display": "x"}]}])", "add a; "},
    {"F23_RemoveAll", R"([{"op": "remove", "path": "members"}])", "removeAll; "},
    {"F23_RemoveWithNull", R"([{"op": "remove", "path": "members", "value": null}])",
     "removeAll; "},
    {"F27_RemoveListed",
     R"([{"op": "Remove", "path": "members", "value": [{"$ref": null, "value": "a"}]}])",
     "remove a; "},
    {"F27_RemoveListedObject", R"([{"op": "remove", "path": "members", "value": {"value": "a"}}])",
     "remove a; "},
    {"F27_RemoveOfAnEmptyListIsNothing", R"([{"op": "remove", "path": "members", "value": []}])",
     ""},
    {"F27_RemoveOfNothingInParticular", R"([{"op": "remove", "path": "members", "value": [{}]}])",
     nullptr, ErrorKind::kInvalidValue},
    {"F24_RemoveByValue", R"([{"op": "remove", "path": "members[value eq \"a\"]"}])", "remove a; "},
    {"F24_RemoveByValues",
     R"([{"op": "remove", "path": "members[value eq \"a\" or (value eq \"b\" or VALUE EQ \"a\")]"}])",
     "remove a b; "},
    {"F24_RemoveByAnythingElse",
     R"([{"op": "remove", "path": "members[value eq \"a\" and type eq \"User\"]"}])",
     "removeMatching [value eq \"a\" and type eq \"User\"]; "},
    {"F24_RemoveByNot", R"([{"op": "remove", "path": "members[not (value eq \"a\")]"}])",
     "removeMatching [not (value eq \"a\")]; "},
    {"F24_RemoveByPrefix", R"([{"op": "remove", "path": "members[value sw \"a\"]"}])",
     "removeMatching [value sw \"a\"]; "},
    {"F24_RemoveByType", R"([{"op": "remove", "path": "members[type eq \"Group\"]"}])",
     "removeMatching [type eq \"Group\"]; "},
    {"F33_Replace",
     R"([{"op": "replace", "path": "members", "value": [{"value": "a"}, {"value": "b"}]}])",
     "replaceAll a b; "},
    {"F33_ReplaceByNothing", R"([{"op": "replace", "path": "members", "value": []}])",
     "replaceAll; "},
    {"F33_ReplaceByNull", R"([{"op": "replace", "value": {"members": null}}])", "replaceAll; "},
    {"F35_ReplaceOfAMember",
     R"([{"op": "replace", "path": "members[value eq \"a\"]", "value": {"value": "b"}}])", nullptr,
     ErrorKind::kMutability},
    {"F36_ReplaceOfASub",
     R"([{"op": "replace", "path": "members[value eq \"a\"].value", "value": "b"}])", nullptr,
     ErrorKind::kMutability},
    {"F26_RemoveOfASub", R"([{"op": "remove", "path": "members[value eq \"a\"].type"}])", nullptr,
     ErrorKind::kMutability},
    {"F17_AddToAMember",
     R"([{"op": "add", "path": "members[value eq \"a\"]", "value": {"type": "User"}}])", nullptr,
     ErrorKind::kMutability},
    {"F41_ReadOnlySub",
     R"([{"op": "replace", "path": "members[value eq \"a\"].display", "value": "b"}])", nullptr,
     ErrorKind::kMutability},
    {"F18_SubOfAllMembers", R"([{"op": "remove", "path": "members.value"}])", nullptr,
     ErrorKind::kInvalidPath},
    {"MembersWithoutValue", R"([{"op": "add", "path": "members", "value": [{"display": "x"}]}])",
     nullptr, ErrorKind::kInvalidValue},
    {"MembersWithAnEmptyValue", R"([{"op": "add", "path": "members", "value": [{"value": ""}]}])",
     nullptr, ErrorKind::kInvalidValue},
    {"MembersWithANumber", R"([{"op": "add", "path": "members", "value": [{"value": 5}]}])",
     nullptr, ErrorKind::kInvalidValue},
    {"MembersAsTexts", R"([{"op": "add", "path": "members", "value": ["a"]}])", nullptr,
     ErrorKind::kInvalidValue},
    {"F3_EmptyFilter", R"([{"op": "remove", "path": "members[]"}])", nullptr,
     ErrorKind::kInvalidFilter},
    {"F20_RemoveWithoutPath", R"([{"op": "remove", "value": {"members": [{"value": "a"}]}}])",
     nullptr, ErrorKind::kNoTarget},
    {"O13_InOrderWithOthers",
     R"([{"op": "remove", "path": "members[value eq \"a\"]"}, {"op": "replace", "path": "displayName", "value": "T"},
         {"op": "add", "path": "members", "value": [{"value": "b"}]}])",
     "remove a; add b; rest displayName; "},
    {"E27_NothingButTheName", R"([{"op": "Replace", "value": {"displayName": "T2"}}])",
     "rest displayName; "},
    {"O12_WithTheId", R"([{"op": "replace", "value": {"id": "g", "displayName": "T2"}}])",
     "rest displayName; "},
};
INSTANTIATE_TEST_SUITE_P(Cases, Membership, ::testing::ValuesIn(kCases),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(Membership, StrictlyDisplayIsReadOnly) {
  Result<GroupPatch> patch = split(
      R"([{"op": "add", "path": "members", "value": [{"value": "a", "display": "x"}]}])", kStrict);
  ASSERT_FALSE(patch);
  EXPECT_EQ(patch.error().kind, ErrorKind::kMutability);
}

TEST(Membership, ManyValuesAreKeptInOrderAndOnce) {
  std::string values;
  std::vector<std::string> expected;
  for (int i = 0; i < 20'000; ++i) {
    const std::string id = "u" + std::to_string(i % 10'000);
    values += (i == 0 ? "" : ",") + std::string(R"({"value":")") + id + "\"}";
    if (i < 10'000) expected.push_back(id);
  }
  Result<GroupPatch> patch =
      split(R"([{"op": "add", "path": "members", "value": [)" + values + "]}]");
  ASSERT_TRUE(patch) << patch.error().detail;
  ASSERT_EQ(patch->members.size(), 1U);
  EXPECT_EQ(patch->members[0].values, expected);
}

TEST(MembershipTolerance, E27a_ReplaceAddsOnlyWhereThatIsSaid) {
  const Tolerances adding = defaultTolerances().with(Tolerance::kMembersReplaceAdds);
  const struct {
    const char* operations;
    const char* expected;
    bool fires;
  } cases[] = {
      {R"([{"op": "replace", "path": "members", "value": [{"value": "a"}]}])", "add a; ", true},
      {R"([{"op": "replace", "value": {"members": [{"value": "a"}]}}])", "add a; ", true},
      {R"([{"op": "replace", "path": "members", "value": []}])", "replaceAll; ", false},
      {R"([{"op": "replace", "path": "members", "value": null}])", "replaceAll; ", false},
      {R"([{"op": "add", "path": "members", "value": [{"value": "a"}]}])", "add a; ", false},
      {R"([{"op": "remove", "path": "members"}])", "removeAll; ", false},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.operations);
    TolerancesFired fired;
    const auto patch = split(c.operations, {adding, &fired});
    ASSERT_TRUE(patch) << patch.error().detail;
    EXPECT_EQ(describe(*patch), c.expected);
    EXPECT_EQ(fired.has(Tolerance::kMembersReplaceAdds), c.fires);
  }
}

TEST(MemberValues, AsPostAndPutCarryThem) {
  const auto values = [](const char* text) { return memberValues(parsed(text)); };
  EXPECT_EQ(*values("null"), std::vector<std::string>{});
  EXPECT_EQ(*values("[]"), std::vector<std::string>{});
  EXPECT_EQ(
      *values(R"([{"value": "a"}, {"VALUE": "b", "$ref": null, "type": "User"}, {"value": "a"}])"),
      (std::vector<std::string>{"a", "b"}));
  for (const char* bad : {"5", R"("a")", "[5]", "[null]", "[[]]", "[{}]", R"([{"value": null}])",
                          R"([{"value": ["a"]}])"}) {
    Result<std::vector<std::string>> result = values(bad);
    ASSERT_FALSE(result) << bad;
    EXPECT_EQ(result.error().kind, ErrorKind::kInvalidValue);
    EXPECT_EQ(result.error().attribute, "members");
  }
}

}  // namespace
}  // namespace vestibule::scim
