#include "store/change_text.h"

#include <gtest/gtest.h>

namespace vestibule::store {
namespace {

const ResourceId kBob = *ResourceId::parse("2819c223-7f76-8201-819d-0001a3861904");
const ResourceId kAnn = *ResourceId::parse("2819c223-7f76-8201-819d-0001a3861905");

TEST(ChangeText, NamesAloneAreAnArray) {
  const ToldChange change{{"title", "members"}, std::nullopt};
  EXPECT_EQ(changeText(change), R"(["title","members"])");
  EXPECT_EQ(readChange(changeText(change)).attributes, change.attributes);
  EXPECT_EQ(readChange(changeText(change)).members, std::nullopt);
}

TEST(ChangeText, MembersComeBackAsTheyWere) {
  for (const MembersTold& members :
       {MembersTold{{kBob}, {kAnn}, false}, MembersTold{{}, {kAnn, kBob}, false},
        MembersTold{{kBob, kAnn}, {}, true}, MembersTold{{}, {}, true}}) {
    const auto read = readChange(changeText({{"members"}, members}));
    EXPECT_EQ(read.attributes, std::vector<std::string>{"members"});
    EXPECT_EQ(read.members, members);
  }
}

TEST(ChangeText, WhatIsNoneOfOursNamesNothing) {
  for (const char* text : {"", "{", "7", "null", "{}", R"({"attributes":7,"members":7})", "[7]",
                           R"({"members":{"all":7}})", R"({"joined":[]})"}) {
    EXPECT_TRUE(readChange(text).attributes.empty()) << text;
  }
}

TEST(TouchedGroupsText, HasIdsVersionsAndExternalIds) {
  const auto read = readTouchedGroups(
      R"({"left":[["2819C2237F768201819D0001A3861904",7,"e\"1"],["2819c2237f768201819d0001a3861905",1,null]]})");
  ASSERT_TRUE(read);
  EXPECT_FALSE(read->joined);
  ASSERT_EQ(read->groups.size(), 2U);
  EXPECT_EQ(read->groups[0].id, kBob);
  EXPECT_EQ(read->groups[0].version, Version(7));
  EXPECT_EQ(read->groups[0].external_id, "e\"1");
  EXPECT_EQ(read->groups[1].id, kAnn);
  EXPECT_EQ(read->groups[1].external_id, std::nullopt);
  EXPECT_TRUE(readTouchedGroups(R"({"joined":[]})")->joined);
}

TEST(TouchedGroupsText, PassesOverWhatIsNoGroup) {
  for (const char* text : {R"({"left":[7]})", R"({"left":[["zz",1,null]]})", R"({"left":[[1,2]]})",
                           R"({"left":[["2819C2237F768201819D0001A3861904","1",null]]})"}) {
    const auto read = readTouchedGroups(text);
    ASSERT_TRUE(read) << text;
    EXPECT_TRUE(read->groups.empty()) << text;
  }
  for (const char* text : {"", "[]", "{}", R"({"left":7})"}) {
    EXPECT_FALSE(readTouchedGroups(text)) << text;
  }
}

}  // namespace
}  // namespace vestibule::store
