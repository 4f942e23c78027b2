// PUT: what it may change, and what outlives it.

#include <gtest/gtest.h>

#include <algorithm>

#include "json/write.h"
#include "scim/resource/validate.h"
#include "support/scim_schemas.h"

namespace vestibule::scim {
namespace {

using test::parsed;
using test::schemas;

struct Case {
  const char* name;
  const char* current;  ///< members of the stored probe beside its label and parts
  const char* sent;     ///< members of the body likewise
  const char* stored;   ///< members afterwards; of an error, the attribute it names
  bool refused = false;
};

json::Object withBasics(const char* members) {
  std::string text = R"({"schemas":["urn:vestibule:test:1.0:Probe"],"label":"a","parts":["p"])";
  if (*members != '\0') text += std::string(",") + members;
  return *parsed(text + "}").object();
}

class Replace : public ::testing::TestWithParam<Case> {};

TEST_P(Replace, KeepsTheRules) {
  const Case& test_case = GetParam();
  const auto valid = validateReplace(*schemas().registry, *schemas().probe,
                                     withBasics(test_case.sent), withBasics(test_case.current));
  if (test_case.refused) {
    ASSERT_FALSE(valid.has_value()) << json::write(valid->attributes);
    EXPECT_EQ(valid.error().kind, ErrorKind::kMutability);
    EXPECT_EQ(valid.error().attribute, test_case.stored);
    return;
  }
  ASSERT_TRUE(valid.has_value()) << valid.error().detail;
  json::Object rest = valid->attributes;
  for (const char* key : {"schemas", "label", "parts"}) rest.erase(key);
  EXPECT_EQ(json::write(rest), "{" + std::string(test_case.stored) + "}");
}

#define EXTRA R"("urn:vestibule:test:extra:1.0:Probe":)"

const Case kCases[] = {
    {"G2_AbsentValuesAreCleared", R"("text":"x","tags":["a"],"externalId":"e")", "", ""},
    {"G2_PresentValuesReplace", R"("text":"x","tags":["a"])", R"("text":"y","tags":["b"])",
     R"("text":"y","tags":["b"])"},
    {"G2_WhatClientsCannotSeeIsKept", R"("secret":"s","hidden":"h")", "",
     R"("secret":"s","hidden":"h")"},
    {"G2_WhatClientsCannotSeeCanBeReplaced", R"("secret":"s")", R"("secret":"t")",
     R"("secret":"t")"},
    {"G3_ImmutableMayBeSetOnce", "", R"("fixed":"x")", R"("fixed":"x")"},
    {"G3_ImmutableMayBeRepeated", R"("fixed":"x")", R"("fixed":"x")", R"("fixed":"x")"},
    {"G3_ImmutableIsComparedAsTheSchemaSays", R"("fixed":"x")", R"("fixed":"X")", R"("fixed":"X")"},
    {"G3_ImmutableStaysWhenAbsent", R"("fixed":"x")", "", R"("fixed":"x")"},
    {"G3_ImmutableStaysWhenNull", R"("fixed":"x")", R"("fixed":null)", R"("fixed":"x")"},
    {"G3_ImmutableCannotChange", R"("fixed":"x")", R"("fixed":"y")", "fixed", true},
    {"G3_ImmutableListInAnyOrder", R"("fixedTags":["a","b"])", R"("fixedTags":["b","A"])",
     R"("fixedTags":["b","A"])"},
    {"G3_ImmutableListCannotGrow", R"("fixedTags":["a"])", R"("fixedTags":["a","b"])", "fixedTags",
     true},
    {"G3_ImmutableListCannotChange", R"("fixedTags":["a","b"])", R"("fixedTags":["a","c"])",
     "fixedTags", true},
    {"G3_ImmutablePartStaysWithItsParent", R"("details":{"note":"n","serial":"1"})",
     R"("details":{"note":"m"})", R"("details":{"note":"m","serial":"1"})"},
    {"G3_ImmutablePartCannotChange", R"("details":{"serial":"1"})", R"("details":{"serial":"2"})",
     "details.serial", true},
    {"G3_ImmutablePartStaysWhenItsParentIsAbsent",
     R"("details":{"value":"v","note":"n","serial":"1","shown":"s"})", "",
     R"("details":{"serial":"1"})"},
    {"G3_ImmutablePartStaysWhenItsParentIsNull", R"("details":{"note":"n","serial":"1"})",
     R"("details":null)", R"("details":{"serial":"1"})"},
    {"G2_PartsGoWithTheirParent", R"("details":{"value":"v","note":"n","shown":"s"})", "", ""},
    {"S8_ElementsWithImmutablePartsComeAndGo", R"("items":[{"value":"v","serial":"1"}])",
     R"("items":[{"value":"v","serial":"2"},{"value":"w","serial":"3"}])",
     R"("items":[{"value":"v","serial":"2"},{"value":"w","serial":"3"}])"},
    {"G4_ReadOnlyStays", R"("computed":"c")", R"("computed":"d","id":"9","meta":{"x":1})",
     R"("computed":"c")"},
    {"S9_ReadOnlyPartSurvives", R"("details":{"value":"v","shown":"s"})",
     R"("details":{"value":"v","note":"n"})", R"("details":{"value":"v","note":"n","shown":"s"})"},
    {"S9_ReadOnlyPartOfAnotherValueGoes", R"("details":{"value":"v","shown":"s"})",
     R"("details":{"value":"w"})", R"("details":{"value":"w"})"},
    {"S9_ReadOnlyPartsOfElementsSurvive",
     R"("items":[{"value":"v","shown":"1"},{"value":"w","shown":"2"}])",
     R"("items":[{"value":"W"},{"value":"x"},{"value":"v"}])",
     R"("items":[{"value":"W","shown":"2"},{"value":"x"},{"value":"v","shown":"1"}])"},
    {"G3_ExtensionsFollowTheSameRules", EXTRA R"({"serial":"1","color":"red"})", "",
     EXTRA R"({"serial":"1"})"},
    {"G3_ExtensionsCannotChangeImmutables", EXTRA R"({"serial":"1"})", EXTRA R"({"serial":"2"})",
     "urn:vestibule:test:extra:1.0:Probe:serial", true},
    {"S9_ExtensionsKeepReadOnlyParts", EXTRA R"({"owner":{"value":"1","displayName":"D"}})",
     EXTRA R"({"owner":{"value":"1"}})", EXTRA R"({"owner":{"value":"1","displayName":"D"}})"},
};

INSTANTIATE_TEST_SUITE_P(Put, Replace, ::testing::ValuesIn(kCases),
                         [](const auto& put) { return std::string(put.param.name); });

TEST(ReplaceTolerance, X15_PutAbsentKeepKeepsWhatTheBodyDoesNotName) {
  const struct {
    const char* current;
    const char* sent;
    const char* stored;
    bool fires;
  } cases[] = {
      {R"("text":"x","tags":["a"],"externalId":"e")", R"("text":"y")",
       R"("externalId":"e","text":"y","tags":["a"])", true},
      {R"("text":"x","tags":["a"])", R"("TEXT":null,"tags":[])", "", false},
      {R"("text":"x")", R"("text":"y")", R"("text":"y")", false},
      {R"("details":{"value":"v","note":"n"})", R"("details":{"value":"v"})",
       R"("details":{"value":"v"})", false},
      {R"("details":{"value":"v","shown":"s"})", "", R"("details":{"value":"v","shown":"s"})",
       true},
      {EXTRA R"({"color":"red","serial":"1"})", EXTRA R"({"serial":"1"})",
       EXTRA R"({"color":"red","serial":"1"})", true},
      {EXTRA R"({"color":"red"})", EXTRA R"({"color":null})", "", false},
      {EXTRA R"({"color":"red"})", EXTRA "null", "", false},
      // What stays without the tolerance is not its doing.
      {R"("computed":"c","fixed":"x","secret":"s")", "",
       R"("computed":"c","fixed":"x","secret":"s")", false},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(std::string(c.current) + " replaced by " + c.sent);
    TolerancesFired fired;
    const auto valid = validateReplace(
        *schemas().registry, *schemas().probe, withBasics(c.sent), withBasics(c.current),
        {defaultTolerances().with(Tolerance::kPutAbsentKeep), &fired});
    ASSERT_TRUE(valid.has_value()) << valid.error().detail;
    json::Object rest = valid->attributes;
    for (const char* key : {"schemas", "label", "parts"}) rest.erase(key);
    json::Object expected = withBasics(c.stored);
    for (const char* key : {"schemas", "label", "parts"}) expected.erase(key);
    const auto sorted = [](json::Object object) {
      std::sort(object.members().begin(), object.members().end(),
                [](const auto& left, const auto& right) { return left.key < right.key; });
      return json::write(object);
    };
    EXPECT_EQ(sorted(rest), sorted(expected));
    EXPECT_EQ(fired.has(Tolerance::kPutAbsentKeep), c.fires);
  }
}

TEST(ReplaceErrors, G5_AreThoseOfCreate) {
  json::Object body = withBasics("");
  body.erase("parts");
  const auto valid = validateReplace(*schemas().registry, *schemas().probe, body, withBasics(""));
  ASSERT_FALSE(valid.has_value());
  EXPECT_EQ(valid.error().kind, ErrorKind::kInvalidValue);
  EXPECT_EQ(valid.error().attribute, "parts");
}

}  // namespace
}  // namespace vestibule::scim
