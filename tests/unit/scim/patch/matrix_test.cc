// The PATCH matrix of the protocol map, a row or more for each number.

#include <gtest/gtest.h>

#include "unit/scim/patch/patch_fixture.h"

namespace vestibule::scim {
namespace {

using test::kStrict;
using test::patched;
using test::resource;
using test::schemas;
using test::withUrns;

struct Row {
  const char* name;
  const char* current;  ///< the resource; naming attribute and `schemas` may be left out
  const char* operations;
  const char* expected;  ///< the resource after, "" for unchanged; null when `error` is expected
  ErrorKind error = ErrorKind::kInternal;
  bool strict = false;
};

void check(const ResourceType& type, const Row& row) {
  const json::Object current = resource(type, withUrns(row.current));
  Result<json::Object> result =
      patched(type, current, row.operations, row.strict ? kStrict : defaultTolerances());
  if (row.expected == nullptr) {
    ASSERT_FALSE(result) << json::write(*result);
    EXPECT_EQ(result.error().kind, row.error) << result.error().detail;
    return;
  }
  ASSERT_TRUE(result) << result.error().detail;
  const std::string_view expected = row.expected;
  EXPECT_EQ(json::write(*result),
            json::write(expected.empty() ? current : resource(type, withUrns(expected))));
}

std::string nameOf(const ::testing::TestParamInfo<Row>& info) { return info.param.name; }

class UserPatch : public ::testing::TestWithParam<Row> {};
TEST_P(UserPatch, FollowsTheMatrix) { check(*schemas().user, GetParam()); }

class ProbePatch : public ::testing::TestWithParam<Row> {};
TEST_P(ProbePatch, FollowsTheMatrix) { check(*schemas().probe, GetParam()); }

constexpr const char* kTwoMails = R"({"emails": [{"value": "h@x", "type": "home"},
                                                 {"value": "w@x", "type": "work", "primary": true}]})";

const Row kAdd[] = {
    {"F10_AddWithoutPathAddsEachMember", R"({"title": "T"})",
     R"([{"op": "add", "value": {"displayName": "D", "name": {"givenName": "G"}}}])",
     R"({"title": "T", "displayName": "D", "name": {"givenName": "G"}})"},
    {"F10_AddWithoutPathTakesNamesInAnyCase", "{}",
     R"([{"OP": "ADD", "Value": {"DISPLAYNAME": "D"}}])", R"({"displayName": "D"})"},
    {"F10_AddWithoutPathAndValue", "{}", R"([{"op": "add"}])", nullptr, ErrorKind::kInvalidValue},
    {"F10_AddWithoutPathAndWithoutObject", "{}", R"([{"op": "add", "value": [{"title": "T"}]}])",
     nullptr, ErrorKind::kInvalidValue},
    {"F10_AddWithoutPathOfNothing", "{}", R"([{"op": "add", "value": {}}])", ""},
    {"F10_AddWithoutPathInAnExtension", R"({"ENT": {"department": "D"}})",
     R"([{"op": "add", "value": {"ENT": {"employeeNumber": "7", "manager": {"value": "m"}}}}])",
     R"({"ENT": {"department": "D", "employeeNumber": "7", "manager": {"value": "m"}}})"},
    {"F11_AddSetsASingleValue", "{}", R"([{"op": "add", "path": "title", "value": "T"}])",
     R"({"title": "T"})"},
    {"F11_AddReplacesASingleValue", R"({"title": "A"})",
     R"([{"op": "add", "path": "title", "value": "T"}])", R"({"title": "T"})"},
    {"F11_AddOfTheSameChangesNothing", R"({"title": "A"})",
     R"([{"op": "add", "path": "title", "value": "A"}])", ""},
    {"F11_AddOfTheWrongType", "{}", R"([{"op": "add", "path": "title", "value": 5}])", nullptr,
     ErrorKind::kInvalidValue},
    {"F11_AddOfAnObjectToAString", "{}",
     R"([{"op": "add", "path": "title", "value": {"value": "x"}}])", nullptr,
     ErrorKind::kInvalidValue},
    {"F11_AddOfNullAddsNothing", R"({"title": "A"})",
     R"([{"op": "add", "path": "title", "value": null}])", ""},
    {"F11_AddWithoutValue", "{}", R"([{"op": "add", "path": "title"}])", nullptr,
     ErrorKind::kInvalidValue},
    {"F12_AddMergesAComplexValue", R"({"name": {"givenName": "G", "familyName": "F"}})",
     R"([{"op": "add", "path": "name", "value": {"FAMILYNAME": "X", "middleName": "M"}}])",
     R"({"name": {"givenName": "G", "familyName": "X", "middleName": "M"}})"},
    {"F12_AddOfAStringToAComplexValue", "{}", R"([{"op": "add", "path": "name", "value": "x"}])",
     nullptr, ErrorKind::kInvalidValue},
    {"F12_AddOfAnArrayToAComplexValue", "{}",
     R"([{"op": "add", "path": "name", "value": [{"givenName": "x"}]}])", nullptr,
     ErrorKind::kInvalidValue},
    {"F13_AddOfASubAttributeCreatesItsParent", "{}",
     R"([{"op": "add", "path": "name.givenName", "value": "G"}])",
     R"({"name": {"givenName": "G"}})"},
    {"F13_AddOfASubAttributeKeepsTheOthers", R"({"name": {"familyName": "F"}})",
     R"([{"op": "add", "path": "NAME.GivenName", "value": "G"}])",
     R"({"name": {"givenName": "G", "familyName": "F"}})"},
    {"F13_AddOfAnUnknownSubAttribute", "{}",
     R"([{"op": "add", "path": "name.nonesuch", "value": "G"}])", nullptr, ErrorKind::kInvalidPath},
    {"F14_AddAppendsAnArray", R"({"emails": [{"value": "a@x"}]})",
     R"([{"op": "add", "path": "emails", "value": [{"value": "b@x"}, {"value": "c@x"}]}])",
     R"({"emails": [{"value": "a@x"}, {"value": "b@x"}, {"value": "c@x"}]})"},
    {"F14_AddAppendsOneObject", R"({"emails": [{"value": "a@x"}]})",
     R"([{"op": "add", "path": "emails", "value": {"value": "b@x", "type": "work"}}])",
     R"({"emails": [{"value": "a@x"}, {"value": "b@x", "type": "work"}]})"},
    {"F14_AddDoesNotDouble", kTwoMails,
     R"([{"op": "add", "path": "emails", "value": [{"type": "work", "value": "W@X"}, {"value": "h@x", "type": "HOME"}]}])",
     ""},
    {"F14_AddWithAnotherTypeIsAnotherElement", R"({"emails": [{"value": "a@x", "type": "work"}]})",
     R"([{"op": "add", "path": "emails", "value": {"value": "a@x", "type": "home"}}])",
     R"({"emails": [{"value": "a@x", "type": "work"}, {"value": "a@x", "type": "home"}]})"},
    {"F14_AddOfARepeatedElementTakesOverWhatIsNew",
     R"({"emails": [{"value": "a@x", "type": "work"}]})",
     R"([{"op": "add", "path": "emails", "value": {"value": "a@x", "type": "work", "display": "A"}}])",
     R"({"emails": [{"value": "a@x", "type": "work", "display": "A"}]})"},
    {"F14_AddToAnAttributeWithoutValueDoesNotDouble",
     R"({"addresses": [{"country": "DE", "type": "work"}]})",
     R"([{"op": "add", "path": "addresses", "value": [{"type": "work", "country": "DE"}, {"country": "FR"}]}])",
     R"({"addresses": [{"country": "DE", "type": "work"}, {"country": "FR"}]})"},
    {"F14_AddOfAPrimaryThatIsFalseChangesNothing", R"({"emails": [{"value": "a@x"}]})",
     R"([{"op": "add", "path": "emails", "value": [{"value": "a@x", "primary": false}]},
         {"op": "add", "path": "emails[value eq \"a@x\"]", "value": {"primary": "False"}},
         {"op": "replace", "path": "emails[value eq \"a@x\"].primary", "value": false}])",
     ""},
    {"F14_AddOfNothing", kTwoMails, R"([{"op": "add", "path": "emails", "value": []}])", ""},
    {"F15_AddWithFilterMerges", kTwoMails,
     R"([{"op": "add", "path": "emails[type eq \"work\"]", "value": {"display": "Office"}}])",
     R"({"emails": [{"value": "h@x", "type": "home"},
                    {"value": "w@x", "type": "work", "primary": true, "display": "Office"}]})"},
    {"F15_AddWithFilterNeedsAnObject", kTwoMails,
     R"([{"op": "add", "path": "emails[type eq \"work\"]", "value": [{"display": "Office"}]}])",
     nullptr, ErrorKind::kInvalidValue},
    {"F16_AddWithFilterAndSubSetsAllMatches",
     R"({"emails": [{"value": "a@x", "type": "work"}, {"value": "b@x", "type": "work"}, {"value": "c@x"}]})",
     R"([{"op": "add", "path": "emails[type eq \"work\"].display", "value": "Office"}])",
     R"({"emails": [{"value": "a@x", "type": "work", "display": "Office"},
                    {"value": "b@x", "type": "work", "display": "Office"}, {"value": "c@x"}]})"},
    {"F17_AddWithFilterAndNoMatchCreatesElement",
     R"({"emails": [{"value": "h@x", "type": "home"}]})",
     R"([{"op": "Add", "path": "emails[type eq \"work\"].value", "value": "n@x"}])",
     R"({"emails": [{"value": "h@x", "type": "home"}, {"value": "n@x", "type": "work"}]})"},
    {"F17_AddWithFilterCreatesTheFirstElement", "{}",
     R"([{"op": "Add", "path": "emails[type eq \"work\"].value", "value": "n@x"}])",
     R"({"emails": [{"value": "n@x", "type": "work"}]})"},
    {"F17_LaterOperationsHitTheCreatedElement", "{}",
     R"([{"op": "Add", "path": "addresses[type eq \"work\"].country", "value": "DE"},
         {"op": "Add", "path": "addresses[type eq \"work\"].locality", "value": "Bonn"}])",
     R"({"addresses": [{"type": "work", "country": "DE", "locality": "Bonn"}]})"},
    {"F17_AddWithSeveralEqualitiesCreatesWithAll", "{}",
     R"([{"op": "add", "path": "emails[type eq \"work\" and primary eq true].value", "value": "n@x"}])",
     R"({"emails": [{"value": "n@x", "type": "work", "primary": true}]})"},
    {"F17_AddOfAnObjectCreates", "{}",
     R"([{"op": "add", "path": "emails[type eq \"work\"]", "value": {"value": "n@x"}}])",
     R"({"emails": [{"value": "n@x", "type": "work"}]})"},
    {"F17_AnAlternativeImpliesNothing", "{}",
     R"([{"op": "add", "path": "emails[type eq \"work\" or type eq \"home\"].value", "value": "n@x"}])",
     nullptr, ErrorKind::kNoTarget},
    {"F17_ANegationImpliesNothing", "{}",
     R"([{"op": "add", "path": "emails[not (type eq \"work\")].value", "value": "n@x"}])", nullptr,
     ErrorKind::kNoTarget},
    {"F17_AnInequalityImpliesNothing", "{}",
     R"([{"op": "add", "path": "emails[type sw \"work\"].value", "value": "n@x"}])", nullptr,
     ErrorKind::kNoTarget},
    {"F17_TwoValuesOfOneSubImplyNothing", "{}",
     R"([{"op": "add", "path": "emails[type eq \"work\" and type eq \"home\"].value", "value": "n@x"}])",
     nullptr, ErrorKind::kNoTarget},
    {"F17_StrictIsNoTarget", "{}",
     R"([{"op": "add", "path": "emails[type eq \"work\"].value", "value": "n@x"}])", nullptr,
     ErrorKind::kNoTarget, true},
    {"F17_AddOfNullCreatesNothing", "{}",
     R"([{"op": "add", "path": "emails[type eq \"work\"].value", "value": null}])", ""},
    {"F18_AddToASubOfAllElements", kTwoMails,
     R"([{"op": "add", "path": "emails.display", "value": "x"}])", nullptr,
     ErrorKind::kInvalidPath},
};
INSTANTIATE_TEST_SUITE_P(Add, UserPatch, ::testing::ValuesIn(kAdd), nameOf);

const Row kRemove[] = {
    {"F20_RemoveWithoutPath", "{}", R"([{"op": "remove"}])", nullptr, ErrorKind::kNoTarget},
    {"F20_RemoveWithoutPathWithValue", R"({"title": "T"})",
     R"([{"op": "remove", "value": {"title": "T"}}])", nullptr, ErrorKind::kNoTarget},
    {"F20_RemoveOfTheCoreSchema", "{}", R"([{"op": "remove", "path": "USER"}])", nullptr,
     ErrorKind::kNoTarget},
    {"F21_RemoveUnassigns", R"({"title": "T", "locale": "de"})",
     R"([{"op": "remove", "path": "title"}])", R"({"locale": "de"})"},
    {"F21_RemoveOfNothing", R"({"locale": "de"})", R"([{"op": "remove", "path": "title"}])", ""},
    {"F21_RemoveOfWhatIsRequired", "{}", R"([{"op": "remove", "path": "userName"}])", nullptr,
     ErrorKind::kMutability},
    {"F21_RemoveOfWhatIsReadOnly", "{}", R"([{"op": "remove", "path": "id"}])", nullptr,
     ErrorKind::kMutability},
    {"F21_RemoveIgnoresTheValueOfASingleAttribute", R"({"title": "T"})",
     R"([{"op": "remove", "path": "title", "value": "other"}])", "{}"},
    {"F22_RemoveOfASub", R"({"name": {"givenName": "G", "familyName": "F"}})",
     R"([{"op": "remove", "path": "name.givenName"}])", R"({"name": {"familyName": "F"}})"},
    {"F22_RemoveOfTheLastSubRemovesTheParent", R"({"name": {"givenName": "G"}})",
     R"([{"op": "remove", "path": "name.givenName"}])", "{}"},
    {"F22_RemoveOfASubOfNothing", "{}", R"([{"op": "remove", "path": "name.givenName"}])", ""},
    {"F22_RemoveOfAComplexValue", R"({"name": {"givenName": "G"}})",
     R"([{"op": "remove", "path": "name"}])", "{}"},
    {"F23_RemoveOfAllElements", kTwoMails, R"([{"op": "remove", "path": "emails"}])", "{}"},
    {"F23_RemoveOfNoElements", "{}", R"([{"op": "remove", "path": "emails"}])", ""},
    {"F23_RemoveWithNullIsWithoutValue", kTwoMails,
     R"([{"op": "remove", "path": "emails", "value": null}])", "{}"},
    {"F24_RemoveOfMatches", kTwoMails, R"([{"op": "remove", "path": "emails[type eq \"HOME\"]"}])",
     R"({"emails": [{"value": "w@x", "type": "work", "primary": true}]})"},
    {"F24_RemoveOfEveryMatch", kTwoMails, R"([{"op": "remove", "path": "emails[value pr]"}])",
     "{}"},
    {"F24_RemoveByAListOfValues", kTwoMails,
     R"([{"op": "remove", "path": "emails[value eq \"h@x\" or value eq \"w@x\"]"}])", "{}"},
    {"F25_RemoveWithoutMatch", kTwoMails,
     R"([{"op": "remove", "path": "emails[type eq \"other\"]"}])", nullptr, ErrorKind::kNoTarget},
    {"F25_RemoveFromNothing", "{}", R"([{"op": "remove", "path": "emails[type eq \"other\"]"}])",
     nullptr, ErrorKind::kNoTarget},
    {"F26_RemoveOfASubOfMatches",
     R"({"addresses": [{"type": "work", "country": "DE", "locality": "Bonn"}, {"type": "home", "country": "FR"}]})",
     R"([{"op": "remove", "path": "addresses[type eq \"work\"].country"}])",
     R"({"addresses": [{"type": "work", "locality": "Bonn"}, {"type": "home", "country": "FR"}]})"},
    {"F26_RemoveOfTheLastSubRemovesTheElement",
     R"({"addresses": [{"country": "DE"}, {"country": "FR"}]})",
     R"([{"op": "remove", "path": "addresses[country eq \"DE\"].country"}])",
     R"({"addresses": [{"country": "FR"}]})"},
    {"F27_RemoveWithValueListRemovesOnlyThose", kTwoMails,
     R"([{"op": "Remove", "path": "emails", "value": [{"$ref": null, "value": "H@x"}]}])",
     R"({"emails": [{"value": "w@x", "type": "work", "primary": true}]})"},
    {"F27_RemoveWithOneValue", kTwoMails,
     R"([{"op": "remove", "path": "emails", "value": {"value": "h@x", "primary": false}}])",
     R"({"emails": [{"value": "w@x", "type": "work", "primary": true}]})"},
    {"F27_RemoveWithAValueNobodyHas", kTwoMails,
     R"([{"op": "remove", "path": "emails", "value": [{"value": "h@x", "type": "work"}, {"value": "z"}]}])",
     ""},
    {"F27_RemoveWithAnEmptyListRemovesNothing", kTwoMails,
     R"([{"op": "remove", "path": "emails", "value": []}])", ""},
    {"F27_RemoveWithEntriesThatSayNothing", kTwoMails,
     R"([{"op": "remove", "path": "emails", "value": [{}]}])", nullptr, ErrorKind::kInvalidValue},
    {"F27_RemoveWithEntriesOfNull", kTwoMails,
     R"([{"op": "remove", "path": "emails", "value": [{"value": null}]}])", nullptr,
     ErrorKind::kInvalidValue},
    {"F27_RemoveWithUnknownEntries", kTwoMails,
     R"([{"op": "remove", "path": "emails", "value": [{"nonesuch": "x"}]}])", nullptr,
     ErrorKind::kInvalidValue},
    {"F27_RemoveWithANumber", kTwoMails, R"([{"op": "remove", "path": "emails", "value": 5}])",
     nullptr, ErrorKind::kInvalidValue},
};
INSTANTIATE_TEST_SUITE_P(Remove, UserPatch, ::testing::ValuesIn(kRemove), nameOf);

const Row kReplace[] = {
    {"F30_ReplaceWithoutPathReplacesEachMember",
     R"({"title": "T", "displayName": "A", "emails": [{"value": "a@x"}]})",
     R"([{"op": "replace", "value": {"displayName": "D", "emails": [{"value": "b@x"}]}}])",
     R"({"title": "T", "displayName": "D", "emails": [{"value": "b@x"}]})"},
    {"F30_ReplaceWithoutPathOfNull", R"({"title": "T"})",
     R"([{"op": "replace", "value": {"title": null}}])", "{}"},
    {"F31_ReplaceOfASingleValue", R"({"title": "A"})",
     R"([{"op": "replace", "path": "title", "value": "T"}])", R"({"title": "T"})"},
    {"F31_ReplaceKeepsTheCaseGiven", R"({"title": "abc"})",
     R"([{"op": "replace", "path": "title", "value": "ABC"}])", R"({"title": "ABC"})"},
    {"F31_ReplaceByNullRemoves", R"({"title": "A"})",
     R"([{"op": "replace", "path": "title", "value": null}])", "{}"},
    {"F31_ReplaceByEmptyTextRemoves", R"({"title": "A"})",
     R"([{"op": "replace", "path": "title", "value": ""}])", "{}"},
    {"F31_ReplaceOfRequiredByNull", "{}",
     R"([{"op": "replace", "path": "userName", "value": null}])", nullptr, ErrorKind::kMutability},
    {"F31_ReplaceWithoutValue", R"({"title": "A"})", R"([{"op": "replace", "path": "title"}])",
     nullptr, ErrorKind::kInvalidValue},
    {"F32_ReplaceMergesAComplexValue", R"({"name": {"givenName": "G", "familyName": "F"}})",
     R"([{"op": "replace", "path": "name", "value": {"familyName": "X"}}])",
     R"({"name": {"givenName": "G", "familyName": "X"}})"},
    {"F32_ReplaceOfASubByNullRemovesIt", R"({"name": {"givenName": "G", "familyName": "F"}})",
     R"([{"op": "replace", "path": "name", "value": {"familyName": null}}])",
     R"({"name": {"givenName": "G"}})"},
    {"F32_ReplaceOfComplexByNull", R"({"name": {"givenName": "G"}})",
     R"([{"op": "replace", "path": "name", "value": null}])", "{}"},
    {"F32_S29_ReplaceOfASubKeepsItsSiblings", R"({"name": {"givenName": "G", "familyName": "F"}})",
     R"([{"op": "replace", "path": "name.familyName", "value": "X"}])",
     R"({"name": {"givenName": "G", "familyName": "X"}})"},
    {"F33_ReplaceOfTheWholeList", kTwoMails,
     R"([{"op": "replace", "path": "emails", "value": [{"value": "n@x"}]}])",
     R"({"emails": [{"value": "n@x"}]})"},
    {"F33_ReplaceByAnEmptyList", kTwoMails, R"([{"op": "replace", "path": "emails", "value": []}])",
     "{}"},
    {"F33_ReplaceOfAListByNull", kTwoMails,
     R"([{"op": "replace", "path": "emails", "value": null}])", "{}"},
    {"F33_ReplaceByTheSameList", kTwoMails,
     R"([{"op": "replace", "path": "emails", "value": [{"type": "home", "value": "h@x"},
                                                      {"primary": true, "value": "w@x", "type": "work"}]}])",
     ""},
    {"F33_ReplaceRemovesRepeatedValues", "{}",
     R"([{"op": "replace", "path": "emails", "value": [{"value": "a@x"}, {"value": "A@x"}]}])",
     R"({"emails": [{"value": "a@x"}]})"},
    {"F34_ReplaceByOneObjectIsAListOfOne", kTwoMails,
     R"([{"op": "replace", "path": "emails", "value": {"value": "n@x"}}])",
     R"({"emails": [{"value": "n@x"}]})"},
    {"F35_ReplaceOfMatchesReplacesTheRecord",
     R"({"emails": [{"value": "a@x", "type": "work", "display": "A"}, {"value": "b@x"}]})",
     R"([{"op": "replace", "path": "emails[type eq \"work\"]", "value": {"value": "n@x", "type": "work"}}])",
     R"({"emails": [{"value": "n@x", "type": "work"}, {"value": "b@x"}]})"},
    {"F35_ReplaceOfSeveralMatchesLeavesOne",
     R"({"emails": [{"value": "a@x", "type": "work"}, {"value": "b@x", "type": "work"}]})",
     R"([{"op": "replace", "path": "emails[type eq \"work\"]", "value": {"value": "n@x"}}])",
     R"({"emails": [{"value": "n@x"}]})"},
    {"F35_ReplaceOfMatchesByNull", kTwoMails,
     R"([{"op": "replace", "path": "emails[type eq \"home\"]", "value": null}])",
     R"({"emails": [{"value": "w@x", "type": "work", "primary": true}]})"},
    {"F35_ReplaceOfMatchesByAString", kTwoMails,
     R"([{"op": "replace", "path": "emails[type eq \"home\"]", "value": 5}])", nullptr,
     ErrorKind::kInvalidValue},
    {"F36_ReplaceOfASubOfMatches", kTwoMails,
     R"([{"op": "replace", "path": "emails[type eq \"work\"].value", "value": "n@x"}])",
     R"({"emails": [{"value": "h@x", "type": "home"}, {"value": "n@x", "type": "work", "primary": true}]})"},
    {"F36_ReplaceOfASubByNull", R"({"addresses": [{"type": "work", "country": "DE"}]})",
     R"([{"op": "replace", "path": "addresses[type eq \"work\"].country", "value": null}])",
     R"({"addresses": [{"type": "work"}]})"},
    {"F37_ReplaceWithFilterAndNoMatchCreatesElement",
     R"({"emails": [{"value": "h@x", "type": "home"}]})",
     R"([{"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "n@x"}])",
     R"({"emails": [{"value": "h@x", "type": "home"}, {"value": "n@x", "type": "work"}]})"},
    {"F37_StrictIsNoTarget", "{}",
     R"([{"op": "replace", "path": "emails[type eq \"work\"].value", "value": "n@x"}])", nullptr,
     ErrorKind::kNoTarget, true},
    {"F37_ReplaceByNullWithoutMatchHasNothingToDo", "{}",
     R"([{"op": "replace", "path": "emails[type eq \"work\"].value", "value": null}])", ""},
    {"F38_ReplaceOfWhatIsUnsetAdds", "{}", R"([{"op": "replace", "path": "title", "value": "T"}])",
     R"({"title": "T"})"},
    {"F38_ReplaceOfAnUnsetListAdds", "{}",
     R"([{"op": "replace", "path": "emails", "value": [{"value": "a@x"}]}])",
     R"({"emails": [{"value": "a@x"}]})"},
};
INSTANTIATE_TEST_SUITE_P(Replace, UserPatch, ::testing::ValuesIn(kReplace), nameOf);

const Row kAny[] = {
    {"F39_A13_UrnQualifiedAttribute", "{}",
     R"([{"op": "add", "path": "ENT:department", "value": "D"}])",
     R"({"ENT": {"department": "D"}})"},
    {"F39_S28_UrnInAnyCase", "{}",
     R"([{"op": "add", "path": "URN:ietf:params:scim:schemas:EXTENSION:enterprise:2.0:user:Department", "value": "D"}])",
     R"({"ENT": {"department": "D"}})"},
    {"F39_UrnQualifiedSubAttribute", "{}",
     R"([{"op": "add", "path": "ENT:manager.value", "value": "m"}])",
     R"({"ENT": {"manager": {"value": "m"}}})"},
    {"ReferenceToAnotherManagerGoes",
     R"({"ENT": {"manager": {"value": "m", "$ref": "https://h/Users/m"}}})",
     R"([{"op": "replace", "path": "ENT:manager.value", "value": "n"}])",
     R"({"ENT": {"manager": {"value": "n"}}})"},
    {"ReferenceToTheSameManagerStays",
     R"({"ENT": {"manager": {"value": "m", "$ref": "https://h/Users/m"}}})",
     R"([{"op": "replace", "path": "ENT:manager.value", "value": "n"},
         {"op": "replace", "path": "ENT:manager", "value": {"value": "m"}},
         {"op": "add", "path": "title", "value": "T"}])",
     R"({"title": "T", "ENT": {"manager": {"value": "m", "$ref": "https://h/Users/m"}}})"},
    {"ReferenceGivenBeforeItsManagerStays",
     R"({"ENT": {"manager": {"value": "m", "$ref": "https://h/Users/m"}}})",
     R"([{"op": "replace", "path": "ENT:manager.$ref", "value": "https://h/Users/n"},
         {"op": "replace", "path": "ENT:manager.value", "value": "n"}])",
     R"({"ENT": {"manager": {"value": "n", "$ref": "https://h/Users/n"}}})"},
    {"F39_CoreUrn", "{}", R"([{"op": "add", "path": "USER:name.givenName", "value": "G"}])",
     R"({"name": {"givenName": "G"}})"},
    {"F39_WholeExtensionAdded", R"({"ENT": {"department": "D"}})",
     R"([{"op": "add", "path": "ENT", "value": {"division": "V"}}])",
     R"({"ENT": {"department": "D", "division": "V"}})"},
    {"F39_WholeExtensionReplaced", R"({"ENT": {"department": "D", "division": "V"}})",
     R"([{"op": "replace", "path": "ENT", "value": {"department": "X", "division": null}}])",
     R"({"ENT": {"department": "X"}})"},
    {"F39_WholeExtensionRemoved",
     R"({"title": "T", "ENT": {"department": "D", "manager": {"value": "m"}}})",
     R"([{"op": "remove", "path": "ENT"}])", R"({"title": "T"})"},
    {"F39_WholeExtensionReplacedByNull", R"({"ENT": {"department": "D"}})",
     R"([{"op": "replace", "value": {"ENT": null}}])", "{}"},
    {"F39_WholeExtensionByAString", "{}", R"([{"op": "add", "path": "ENT", "value": "x"}])",
     nullptr, ErrorKind::kInvalidValue},
    {"F39_CoreSchemaAlone", "{}", R"([{"op": "add", "path": "USER", "value": {"title": "T"}}])",
     R"({"title": "T"})"},
    {"F39_LastAttributeOfAnExtensionTakesItsUrn", R"({"ENT": {"department": "D"}})",
     R"([{"op": "remove", "path": "ENT:department"}])", "{}"},
    {"F39_AnotherTypesUrn", "{}",
     R"([{"op": "add", "path": "urn:ietf:params:scim:schemas:core:2.0:Group:displayName", "value": "x"}])",
     nullptr, ErrorKind::kInvalidPath},
    {"F40_UnknownAttributeInAPath", "{}", R"([{"op": "add", "path": "nonesuch", "value": "x"}])",
     nullptr, ErrorKind::kInvalidPath},
    {"F40_UnknownAttributeInAValueIsIgnored", "{}",
     R"([{"op": "add", "value": {"nonesuch": "x", "urn:x:y": {"a": 1}, "title": "T"}}])",
     R"({"title": "T"})"},
    {"F40_UnknownAttributeInAValueStrictly", "{}", R"([{"op": "add", "value": {"nonesuch": "x"}}])",
     nullptr, ErrorKind::kInvalidPath, true},
    {"F40_UnknownAttributeInAnExtensionStrictly", "{}",
     R"([{"op": "add", "value": {"ENT": {"nonesuch": "x"}}}])", nullptr, ErrorKind::kInvalidPath,
     true},
    {"F40_MalformedPaths", "{}", R"([{"op": "add", "path": "", "value": "x"}])", nullptr,
     ErrorKind::kInvalidPath},
    {"F3_PathWithAnUnclosedBracket", "{}",
     R"([{"op": "remove", "path": "emails[type eq \"work\""}])", nullptr, ErrorKind::kInvalidPath},
    {"F3_PathWithABadFilter", "{}", R"([{"op": "remove", "path": "emails[type = \"work\"]"}])",
     nullptr, ErrorKind::kInvalidFilter},
    {"F3_PathWithAnEmptyFilter", kTwoMails, R"([{"op": "remove", "path": "emails[]"}])", nullptr,
     ErrorKind::kInvalidFilter},
    {"F3_PathWithACommaInItsFilter", "{}",
     R"([{"op": "remove", "path": "emails[display eq kim,value eq id]"}])", nullptr,
     ErrorKind::kInvalidFilter},
    {"F3_PathWithTextBehindTheBracket", "{}",
     R"([{"op": "remove", "path": "emails[type eq \"work\"]value"}])", nullptr,
     ErrorKind::kInvalidPath},
    {"F3_PathWithAFilterOnASingleValue", "{}",
     R"([{"op": "remove", "path": "name[givenName eq \"x\"]"}])", nullptr, ErrorKind::kInvalidPath},
    {"F3_PathWithTwoFilters", "{}",
     R"([{"op": "remove", "path": "emails[type eq \"a\"][type eq \"b\"]"}])", nullptr,
     ErrorKind::kInvalidPath},
    {"F3_PathThatIsNoString", "{}", R"([{"op": "remove", "path": 5}])", nullptr,
     ErrorKind::kInvalidPath},
    {"F3_PathOfNullIsNone", "{}", R"([{"op": "add", "path": null, "value": {"title": "T"}}])",
     R"({"title": "T"})"},
    {"F42_PasswordIsHandedOn", "{}",
     R"([{"op": "replace", "path": "password", "value": "N3w!pass"}])",
     R"({"password": "N3w!pass"})"},
    {"F42_PasswordCanBeRemoved", "{}", R"([{"op": "remove", "path": "password"}])", ""},
    {"F42_AddOfNoPasswordIsNothing", "{}", R"([{"op": "add", "path": "password", "value": null}])",
     ""},
    {"F43_ReplaceOfTheId", "{}", R"([{"op": "replace", "path": "id", "value": "x"}])", nullptr,
     ErrorKind::kMutability},
    {"F43_ReplaceOfMeta", "{}",
     R"([{"op": "replace", "path": "meta.created", "value": "2026-01-01T00:00:00Z"}])", nullptr,
     ErrorKind::kMutability},
    {"F43_AddToGroups", "{}", R"([{"op": "add", "path": "groups", "value": [{"value": "g"}]}])",
     nullptr, ErrorKind::kMutability},
    {"F43_RemoveFromGroups", "{}", R"([{"op": "remove", "path": "groups[value eq \"g\"]"}])",
     nullptr, ErrorKind::kMutability},
    {"F43_EchoedReadOnlyMembersAreIgnored", "{}",
     R"([{"op": "replace", "value": {"id": "x", "meta": {"created": "y"}, "groups": [], "schemas": ["USER"], "title": "T"}}])",
     R"({"title": "T"})"},
    {"F43_EchoedReadOnlyMembersStrictly", "{}", R"([{"op": "replace", "value": {"id": "x"}}])",
     nullptr, ErrorKind::kMutability, true},
    {"F46_SchemasCannotBeRemoved", "{}", R"([{"op": "remove", "path": "schemas"}])", nullptr,
     ErrorKind::kMutability},
    {"F46_SchemasKeepTheBase", "{}", R"([{"op": "replace", "path": "schemas", "value": ["ENT"]}])",
     nullptr, ErrorKind::kMutability},
    {"F46_SchemasTakeAnExtension", "{}", R"([{"op": "add", "path": "schemas", "value": ["ENT"]}])",
     ""},
    {"F46_SchemasTakeOneUri", "{}", R"([{"op": "add", "path": "schemas", "value": "ENT"}])", ""},
    {"F46_SchemasTakeNoStrangersStrictly", "{}",
     R"([{"op": "add", "path": "schemas", "value": ["urn:x"]}])", nullptr, ErrorKind::kInvalidValue,
     true},
    {"F46_SchemasHoldTexts", "{}", R"([{"op": "add", "path": "schemas", "value": [5]}])", nullptr,
     ErrorKind::kInvalidValue},
    {"F50_BooleansAsText", R"({"active": true})",
     R"([{"op": "Replace", "path": "active", "value": "False"}])", R"({"active": false})"},
    {"F50_BooleansAsTextStrictly", R"({"active": true})",
     R"([{"op": "replace", "path": "active", "value": "False"}])", nullptr,
     ErrorKind::kInvalidValue, true},
    {"F50_NumbersForText", "{}", R"([{"op": "replace", "path": "ENT:employeeNumber", "value": 7}])",
     nullptr, ErrorKind::kInvalidValue},
};
INSTANTIATE_TEST_SUITE_P(Any, UserPatch, ::testing::ValuesIn(kAny), nameOf);

const Row kOrderAndPrimary[] = {
    {"F2_OperationsSeeWhatEarlierOnesDid", "{}",
     R"([{"op": "add", "path": "emails", "value": {"value": "a@x", "type": "work"}},
         {"op": "replace", "path": "emails[type eq \"work\"].value", "value": "b@x"},
         {"op": "add", "path": "title", "value": "T"}, {"op": "remove", "path": "title"}])",
     R"({"emails": [{"value": "b@x", "type": "work"}]})"},
    {"F2_OneBadOperationSpoilsAll", R"({"title": "A"})",
     R"([{"op": "replace", "path": "title", "value": "T"}, {"op": "remove", "path": "emails[type eq \"x\"]"},
         {"op": "add", "path": "locale", "value": "de"}])",
     nullptr, ErrorKind::kNoTarget},
    {"F4_ThereAndBackIsNoChange", R"({"title": "A", "locale": "de"})",
     R"([{"op": "remove", "path": "title"}, {"op": "add", "path": "title", "value": "A"}])", ""},
    {"F5_AddOfAPrimaryDemotesTheOther", kTwoMails,
     R"([{"op": "add", "path": "emails", "value": {"value": "n@x", "primary": true}}])",
     R"({"emails": [{"value": "h@x", "type": "home"}, {"value": "w@x", "type": "work", "primary": false},
                    {"value": "n@x", "primary": true}]})"},
    {"F5_AddOfAKnownElementAsPrimary", kTwoMails,
     R"([{"op": "add", "path": "emails", "value": {"value": "h@x", "type": "home", "primary": "True"}}])",
     R"({"emails": [{"value": "h@x", "type": "home", "primary": true},
                    {"value": "w@x", "type": "work", "primary": false}]})"},
    {"F5_ReplaceOfPrimaryDemotesTheOther", kTwoMails,
     R"([{"op": "replace", "path": "emails[type eq \"home\"].primary", "value": true}])",
     R"({"emails": [{"value": "h@x", "type": "home", "primary": true},
                    {"value": "w@x", "type": "work", "primary": false}]})"},
    {"F5_MergeOfPrimaryDemotesTheOther", kTwoMails,
     R"([{"op": "add", "path": "emails[type eq \"home\"]", "value": {"primary": true}}])",
     R"({"emails": [{"value": "h@x", "type": "home", "primary": true},
                    {"value": "w@x", "type": "work", "primary": false}]})"},
    {"F5_RecordAsPrimaryDemotesTheOther", kTwoMails,
     R"([{"op": "replace", "path": "emails[type eq \"home\"]", "value": {"value": "n@x", "primary": true}}])",
     R"({"emails": [{"value": "n@x", "primary": true}, {"value": "w@x", "type": "work", "primary": false}]})"},
    {"F5_TwoPrimariesInOneValue", "{}",
     R"([{"op": "add", "path": "emails", "value": [{"value": "a@x", "primary": true}, {"value": "b@x", "primary": true}]}])",
     nullptr, ErrorKind::kInvalidValue},
    {"F5_TwoPrimariesByAReplacement", "{}",
     R"([{"op": "replace", "path": "emails", "value": [{"value": "a@x", "primary": true}, {"value": "b@x", "primary": true}]}])",
     nullptr, ErrorKind::kInvalidValue},
    {"F5_TwoPrimariesByAFilter", kTwoMails,
     R"([{"op": "replace", "path": "emails[value pr].primary", "value": true}])", nullptr,
     ErrorKind::kInvalidValue},
    {"F5_S5_PrimaryOfAnotherAttributeStays",
     R"({"emails": [{"value": "a@x", "primary": true}], "phoneNumbers": [{"value": "1", "primary": true}]})",
     R"([{"op": "add", "path": "emails", "value": {"value": "b@x", "primary": true}}])",
     R"({"emails": [{"value": "a@x", "primary": false}, {"value": "b@x", "primary": true}],
         "phoneNumbers": [{"value": "1", "primary": true}]})"},
    {"F5_TakingPrimaryAwayPromotesNobody", kTwoMails,
     R"([{"op": "replace", "path": "emails[type eq \"work\"].primary", "value": false}])",
     R"({"emails": [{"value": "h@x", "type": "home"}, {"value": "w@x", "type": "work", "primary": false}]})"},
    {"F7_WhatIsRequiredMustBeThereAtTheEnd", "{}",
     R"([{"op": "replace", "path": "userName", "value": "   "}])", nullptr,
     ErrorKind::kInvalidValue},
};
INSTANTIATE_TEST_SUITE_P(OrderAndPrimary, UserPatch, ::testing::ValuesIn(kOrderAndPrimary), nameOf);

constexpr const char* kItems =
    R"({"items": [{"value": "a", "type": "t1", "serial": "s1", "shown": "A"},
                                              {"value": "b", "type": "t2", "note": "n"}]})";

const Row kProbe[] = {
    {"F6_ImmutableCanBeSetOnce", "{}", R"([{"op": "add", "path": "fixed", "value": "x"}])",
     R"({"fixed": "x"})"},
    {"F6_ImmutableCanBeSetAgainToTheSame", R"({"fixed": "x"})",
     R"([{"op": "replace", "path": "fixed", "value": "X"}])", ""},
    {"F6_ImmutableCannotBeChanged", R"({"fixed": "x"})",
     R"([{"op": "replace", "path": "fixed", "value": "y"}])", nullptr, ErrorKind::kMutability},
    {"F6_ImmutableCannotBeAddedTo", R"({"fixed": "x"})",
     R"([{"op": "add", "value": {"fixed": "y"}}])", nullptr, ErrorKind::kMutability},
    {"F6_ImmutableCannotBeRemoved", R"({"fixed": "x"})", R"([{"op": "remove", "path": "fixed"}])",
     nullptr, ErrorKind::kMutability},
    {"F6_ImmutableThatIsUnsetCanBeRemoved", "{}", R"([{"op": "remove", "path": "fixed"}])", ""},
    {"F6_ImmutableListCanBeSetOnce", "{}",
     R"([{"op": "add", "path": "fixedTags", "value": ["a", "b"]}])",
     R"({"fixedTags": ["a", "b"]})"},
    {"F6_ImmutableListCanBeGivenAgain", R"({"fixedTags": ["a", "b"]})",
     R"([{"op": "replace", "path": "fixedTags", "value": ["A", "b"]}])", ""},
    {"F6_ImmutableListCannotGrow", R"({"fixedTags": ["a"]})",
     R"([{"op": "add", "path": "fixedTags", "value": ["b"]}])", nullptr, ErrorKind::kMutability},
    {"F6_ImmutableListCannotShrink", R"({"fixedTags": ["a", "b"]})",
     R"([{"op": "remove", "path": "fixedTags[value eq \"a\"]"}])", nullptr, ErrorKind::kMutability},
    {"F6_ImmutableSubOfAComplexValue", R"({"details": {"serial": "1", "note": "n"}})",
     R"([{"op": "replace", "path": "details.serial", "value": "2"}])", nullptr,
     ErrorKind::kMutability},
    {"F6_ImmutableSubSurvivesAMerge", R"({"details": {"serial": "1", "note": "n"}})",
     R"([{"op": "replace", "path": "details", "value": {"note": "m", "serial": "1"}}])",
     R"({"details": {"serial": "1", "note": "m"}})"},
    {"F6_ImmutableSubIsNotMergedOver", R"({"details": {"serial": "1"}})",
     R"([{"op": "add", "path": "details", "value": {"serial": "2"}}])", nullptr,
     ErrorKind::kMutability},
    {"F6_ComplexValueWithImmutablePartCannotBeRemoved", R"({"details": {"serial": "1"}})",
     R"([{"op": "remove", "path": "details"}])", nullptr, ErrorKind::kMutability},
    {"F6_ExtensionWithImmutablePartCannotBeRemoved",
     R"({"EXTRA": {"serial": "1", "color": "red"}})", R"([{"op": "remove", "path": "EXTRA"}])",
     nullptr, ErrorKind::kMutability},
    {"F6_ReadOnlyAttribute", "{}", R"([{"op": "add", "path": "computed", "value": "x"}])", nullptr,
     ErrorKind::kMutability},
    {"F6_ReadOnlySub", "{}", R"([{"op": "add", "path": "details.shown", "value": "x"}])", nullptr,
     ErrorKind::kMutability},
    {"F6_ReadOnlySubInAValueIsIgnored", "{}",
     R"([{"op": "add", "path": "details", "value": {"note": "n", "shown": "x"}}])",
     R"({"details": {"note": "n"}})"},
    {"F6_ReadOnlySubInAValueStrictly", "{}",
     R"([{"op": "add", "path": "details", "value": {"note": "n", "shown": "x"}}])", nullptr,
     ErrorKind::kMutability, true},
    {"F6_ReadOnlySubInAListStrictly", "{}",
     R"([{"op": "add", "path": "items", "value": [{"value": "n", "shown": "x"}]}])", nullptr,
     ErrorKind::kMutability, true},
    {"S10_AReadOnlySubCannotBeUnassigned", "{}",
     R"([{"op": "replace", "path": "details.shown", "value": null}])", nullptr,
     ErrorKind::kMutability},
    {"S10_AReadOnlySubInAFilteredElementCannotBeUnassigned", kItems,
     R"([{"op": "replace", "path": "items[type eq \"t1\"].shown", "value": null}])", nullptr,
     ErrorKind::kMutability},
    {"S10_AReadOnlySubOfNullInAValueStrictly", R"({"details": {"value": "v"}})",
     R"([{"op": "replace", "path": "details", "value": {"shown": null}}])", nullptr,
     ErrorKind::kMutability, true},
    {"F23_RemoveOfARequiredList", R"({"parts": ["a"]})", R"([{"op": "remove", "path": "parts"}])",
     nullptr, ErrorKind::kMutability},
    {"F24_RemoveOfTheLastOfARequiredList", R"({"parts": ["a", "b"]})",
     R"([{"op": "remove", "path": "parts[value eq \"a\"]"}, {"op": "remove", "path": "parts[value eq \"b\"]"}])",
     nullptr, ErrorKind::kMutability},
    {"F24_RemoveOfOneOfARequiredList", R"({"parts": ["a", "b"]})",
     R"([{"op": "remove", "path": "parts[value eq \"a\"]"}])", R"({"parts": ["b"]})"},
    {"F33_ReplaceOfARequiredListByNothing", R"({"parts": ["a"]})",
     R"([{"op": "replace", "path": "parts", "value": []}])", nullptr, ErrorKind::kMutability},
    {"F26_RemoveOfARequiredSub", kItems,
     R"([{"op": "remove", "path": "items[type eq \"t2\"].value"}])", nullptr,
     ErrorKind::kMutability},
    {"F26_RemoveOfAnImmutableSub", kItems,
     R"([{"op": "remove", "path": "items[type eq \"t1\"].serial"}])", nullptr,
     ErrorKind::kMutability},
    {"F36_ImmutableSubOfAnElement", kItems,
     R"([{"op": "replace", "path": "items[type eq \"t1\"].serial", "value": "s2"}])", nullptr,
     ErrorKind::kMutability},
    {"F36_ImmutableSubOfAnElementCanBeSetOnce", R"({"items": [{"value": "a", "type": "t1"}]})",
     R"([{"op": "replace", "path": "items[type eq \"t1\"].serial", "value": "s2"}])",
     R"({"items": [{"value": "a", "type": "t1", "serial": "s2"}]})"},
    {"F35_RecordKeepsItsImmutableSub", kItems,
     R"([{"op": "replace", "path": "items[type eq \"t1\"]", "value": {"value": "c"}}])", nullptr,
     ErrorKind::kMutability},
    {"F41_ReadOnlySubBehindAFilter", kItems,
     R"([{"op": "replace", "path": "items[type eq \"t1\"].shown", "value": "x"}])", nullptr,
     ErrorKind::kMutability},
    {"S7_ElementNeedsItsRequiredSub", "{}",
     R"([{"op": "add", "path": "items", "value": [{"type": "t"}]}])", nullptr,
     ErrorKind::kInvalidValue},
    {"S7_CreatedElementNeedsItsRequiredSub", "{}",
     R"([{"op": "add", "path": "items[type eq \"t\"].note", "value": "n"}])", nullptr,
     ErrorKind::kInvalidValue},
    {"S8_ElementsWithImmutableSubsComeAndGo", R"({"items": [{"value": "a", "serial": "1"}]})",
     R"([{"op": "add", "path": "items", "value": {"value": "b", "serial": "2"}},
         {"op": "remove", "path": "items[value eq \"a\"]"}])",
     R"({"items": [{"value": "b", "serial": "2"}]})"},
    {"S12_HiddenSubInAFilter", kItems, R"([{"op": "remove", "path": "items[pin eq \"1\"]"}])",
     nullptr, ErrorKind::kInvalidFilter},
    {"F14_SimpleValuesAreNotDoubled", R"({"tags": ["Red"]})",
     R"([{"op": "add", "path": "tags", "value": ["red", "blue", "Blue"]}])",
     R"({"tags": ["Red", "blue"]})"},
    {"F14_OneSimpleValue", R"({"codes": [1]})", R"([{"op": "add", "path": "codes", "value": 2}])",
     R"({"codes": [1, 2]})"},
    {"F24_RemoveOfASimpleValue", R"({"codes": [1, 2, 3]})",
     R"([{"op": "remove", "path": "codes[value gt 1]"}])", R"({"codes": [1]})"},
    {"F27_RemoveOfListedSimpleValues", R"({"tags": ["a", "b", "c"]})",
     R"([{"op": "remove", "path": "tags", "value": ["A", "c", "z"]}])", R"({"tags": ["b"]})"},
    {"F36_ReplaceOfASimpleValue", R"({"tags": ["a", "b"]})",
     R"([{"op": "replace", "path": "tags[value eq \"a\"]", "value": "x"}])",
     R"({"tags": ["x", "b"]})"},
    {"F36_ReplaceOfASimpleValueByTwo", R"({"tags": ["a", "b"]})",
     R"([{"op": "replace", "path": "tags[value eq \"a\"]", "value": ["x", "y"]}])", nullptr,
     ErrorKind::kInvalidValue},
    {"F17_SimpleValuesAreNotCreatedByAFilter", "{}",
     R"([{"op": "add", "path": "tags[value eq \"a\"]", "value": "x"}])", nullptr,
     ErrorKind::kNoTarget},
    {"F39_ExtensionList", R"({"EXTRA": {"color": "red"}})",
     R"([{"op": "add", "path": "EXTRA:badges", "value": ["x"]}, {"op": "add", "path": "EXTRA:badges", "value": "y"}])",
     R"({"EXTRA": {"color": "red", "badges": ["x", "y"]}})"},
};
INSTANTIATE_TEST_SUITE_P(Probe, ProbePatch, ::testing::ValuesIn(kProbe), nameOf);

/// A resource whose readOnly parts are set, as only the server can.
json::Object withReadOnly(const ResourceType& type, std::string_view text) {
  json::Object object = resource(type, "{}");
  const json::Value extra = test::parsed(withUrns(text));
  for (const json::Member& member : *extra.object()) {
    object.set(member.key, member.value);
  }
  return object;
}

TEST(Patch, S9_ReadOnlyPartsStayWithTheirValue) {
  const ResourceType& type = *schemas().probe;
  struct Step {
    const char* operations;
    const char* expected;
  };
  const json::Object current =
      withReadOnly(type, R"({"details": {"value": "v", "note": "n", "shown": "V"},
                "items": [{"value": "a", "type": "t", "shown": "A"}, {"value": "b", "shown": "B"}]})");
  const Step steps[] = {
      {R"([{"op": "replace", "path": "details", "value": {"note": "m"}}])",
       R"({"value":"v","note":"m","shown":"V"})"},
      {R"([{"op": "replace", "path": "details.note", "value": "m"}])",
       R"({"value":"v","note":"m","shown":"V"})"},
      {R"([{"op": "replace", "path": "details.value", "value": "w"}])",
       R"({"value":"w","note":"n"})"},
      {R"([{"op": "replace", "path": "details", "value": {"value": "w", "shown": "W"}}])",
       R"({"value":"w","note":"n"})"},
  };
  for (const Step& step : steps) {
    SCOPED_TRACE(step.operations);
    Result<json::Object> result = patched(type, current, step.operations);
    ASSERT_TRUE(result) << result.error().detail;
    EXPECT_EQ(json::write(*result->find("details")), step.expected);
  }
  const Step lists[] = {
      {R"([{"op": "replace", "path": "items", "value": [{"value": "a", "type": "t", "note": "n"}, {"value": "c"}]}])",
       R"([{"value":"a","type":"t","note":"n","shown":"A"},{"value":"c"}])"},
      {R"([{"op": "replace", "path": "items[type eq \"t\"]", "value": {"value": "a", "note": "n"}}])",
       R"([{"value":"a","note":"n","shown":"A"},{"value":"b","shown":"B"}])"},
      {R"([{"op": "replace", "path": "items[type eq \"t\"].value", "value": "c"}])",
       R"([{"value":"c","type":"t"},{"value":"b","shown":"B"}])"},
      {R"([{"op": "add", "path": "items[value eq \"b\"]", "value": {"note": "n"}}])",
       R"([{"value":"a","type":"t","shown":"A"},{"value":"b","note":"n","shown":"B"}])"},
  };
  for (const Step& step : lists) {
    SCOPED_TRACE(step.operations);
    Result<json::Object> result = patched(type, current, step.operations);
    ASSERT_TRUE(result) << result.error().detail;
    EXPECT_EQ(json::write(*result->find("items")), step.expected);
  }
}

TEST(Patch, ErrorsNameTheOperationAndTheAttribute) {
  const json::Object current = resource(*schemas().user, R"({"title": "T"})");
  Result<json::Object> unread = patched(
      *schemas().user, current,
      R"([{"op": "add", "path": "title", "value": "x"}, {"op": "remove", "path": "nope"}])");
  ASSERT_FALSE(unread);
  EXPECT_TRUE(unread.error().detail.starts_with("operation 2: ")) << unread.error().detail;
  Result<json::Object> unapplied = patched(
      *schemas().user, current,
      R"([{"op": "add", "value": {"locale": "de", "title": "x"}}, {"op": "add", "path": "title", "value": 5}])");
  ASSERT_FALSE(unapplied);
  EXPECT_TRUE(unapplied.error().detail.starts_with("operation 2: ")) << unapplied.error().detail;
  EXPECT_EQ(unapplied.error().attribute, "title");
}

TEST(Patch, S26_WithoutAChangeTheResourceIsTheSameEvenIfItIsNotInOrder) {
  json::Object current = resource(*schemas().user, R"({"title": "T"})");
  std::swap(current.members().front(), current.members().back());
  Result<json::Object> result =
      patched(*schemas().user, current, R"([{"op": "add", "path": "title", "value": "T"}])");
  ASSERT_TRUE(result);
  EXPECT_TRUE(*result == current);
}

TEST(Patch, S13_WorkIsCapped) {
  std::string tags;
  for (int i = 0; i < 9'000; ++i) tags += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\"";
  const json::Object current = resource(*schemas().probe, "{\"tags\": [" + tags + "]}");
  std::string operations = "[";
  for (int i = 0; i < 500; ++i) {
    if (i != 0) operations += ',';
    operations +=
        R"({"op": "replace", "path": "tags[value eq \"x\" or value eq \"1\"]", "value": "1"})";
  }
  Result<json::Object> result = patched(*schemas().probe, current, operations + "]");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::kTooMany);
}

TEST(Patch, S13_ResultIsCapped) {
  std::string items;
  for (int i = 0; i < 5'000; ++i) {
    items += (i == 0 ? "" : ",") + std::string(R"({"value": ")") + std::to_string(i) +
             R"(", "type": "t"})";
  }
  const json::Object current = resource(*schemas().probe, "{\"items\": [" + items + "]}");
  const std::string large(60'000, 'x');
  const std::string operations[] = {
      R"([{"op": "replace", "path": "items[type eq \"t\"].note", "value": ")" + large + R"("}])",
      R"([{"op": "add", "path": "items[type eq \"t\"]", "value": {"note": ")" + large + R"("}}])"};
  for (const std::string& operation : operations) {
    Result<json::Object> result = patched(*schemas().probe, current, operation);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::kPayloadTooLarge);
  }
}

TEST(Patch, ElementsAreCapped) {
  const ResourceLimits limits{.string_bytes = 100, .elements = 2};
  const json::Object current = resource(*schemas().probe, R"({"tags": ["a", "b"]})");
  EXPECT_TRUE(patched(*schemas().probe, current, R"([{"op": "add", "path": "tags", "value": "a"}])",
                      {}, limits));
  Result<json::Object> result = patched(
      *schemas().probe, current, R"([{"op": "add", "path": "tags", "value": "c"}])", {}, limits);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::kInvalidValue);
  EXPECT_FALSE(
      patched(*schemas().probe, current,
              R"([{"op": "add", "path": "text", "value": ")" + std::string(101, 'x') + R"("}])", {},
              limits));
}

TEST(Patch, F39_AnOptionalExtensionGoesWithWhatItRequires) {
  std::vector<SchemaFile> files = test::shippedSchemas();
  std::erase_if(files,
                [](const SchemaFile& file) { return file.name == "resource-type-user.json"; });
  files.push_back({"badge.json", R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:Schema"],
    "id":"urn:example:badge","attributes":[{"name":"number","required":true},{"name":"note"},
      {"name":"serial","mutability":"immutable"}]})"});
  files.push_back(
      {"type.json", R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
    "name":"User","endpoint":"/Users","schema":"urn:ietf:params:scim:schemas:core:2.0:User",
    "schemaExtensions":[{"schema":"urn:example:badge"}],"x-vestibule":{"namingAttribute":"userName"}})"});
  const auto registry = test::loaded(files);
  const ResourceType& type = *registry->findResourceType("User");
  const auto patch = [&](const std::string& badge, std::string_view operations) {
    const json::Value body =
        test::parsed(R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"u",)"
                     R"("urn:example:badge":)" +
                     badge + "}");
    const auto valid = validateCreate(*registry, type, body);
    EXPECT_TRUE(valid) << valid.error().detail;
    const auto read = parsePatch(*registry, type, test::patchMessage(operations));
    EXPECT_TRUE(read) << read.error().detail;
    return applyPatch(*registry, type, valid->attributes, *read);
  };
  const auto whole =
      patch(R"({"number":"1","note":"n"})", R"([{"op": "remove", "path": "urn:example:badge"}])");
  ASSERT_TRUE(whole) << whole.error().detail;
  EXPECT_EQ(json::write(*whole),
            R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"u"})");
  const auto one = patch(R"({"number":"1","note":"n"})",
                         R"([{"op": "remove", "path": "urn:example:badge:number"}])");
  ASSERT_FALSE(one);
  EXPECT_EQ(one.error().kind, ErrorKind::kMutability);
  const auto fixed =
      patch(R"({"number":"1","serial":"s"})", R"([{"op": "remove", "path": "urn:example:badge"}])");
  ASSERT_FALSE(fixed);
  EXPECT_EQ(fixed.error().kind, ErrorKind::kMutability);
}

TEST(Patch, OperationsOnRelationsAreADefectOfTheCaller) {
  const json::Object group = resource(*schemas().group, R"({"displayName": "T"})");
  Result<json::Object> result = patched(
      *schemas().group, group, R"([{"op": "add", "path": "members", "value": [{"value": "u"}]}])");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::kInternal);
}

}  // namespace
}  // namespace vestibule::scim
