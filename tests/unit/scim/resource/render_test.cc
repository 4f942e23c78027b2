#include "scim/resource/render.h"

#include <gtest/gtest.h>

#include "json/write.h"
#include "support/scim_schemas.h"

namespace vestibule::scim {
namespace {

using test::parsed;
using test::schemas;

constexpr const char* kBase = "https://h/domains/CORP/scim/v2";

ResourceMeta metaOf(ResourceKind kind) {
  return {ResourceId::generate(DomainNumber(3), kind), Version(1), 0, 1};
}

TEST(Etag, IsWeakAndQuoted) {
  EXPECT_EQ(etag(Version(7)), "W/\"7\"");
  EXPECT_EQ(etag(Version(18'446'744'073'709'551'615U)), "W/\"18446744073709551615\"");
}

TEST(LocationOf, IsBelowTheBaseThatWasAsked) {
  const ResourceMeta meta = metaOf(ResourceKind::kGroup);
  EXPECT_EQ(locationOf(*schemas().group, kBase, meta.id),
            "https://h/domains/CORP/scim/v2/Groups/" + meta.id.text());
}

TEST(RenderStored, PutsThePrefixBeforeTheNameAndNothingElse) {
  // Values that look like the naming attribute come behind it and are left alone.
  const json::Object user = test::resource(*schemas().user, R"json({"userName":"a\"b",
    "displayName":"\"userName\":\"x","emails":[{"value":"userName"}]})json");
  const std::string text = renderStored(*schemas().user, json::write(user),
                                        metaOf(ResourceKind::kUser), kBase, "CORP/", {});
  const json::Value read_back = parsed(text);
  EXPECT_EQ(read_back.stringAt("userName"), "CORP/a\"b");
  EXPECT_EQ(read_back.stringAt("displayName"), "\"userName\":\"x");
}

TEST(RenderStored, EscapesWhatComesFromOutside) {
  const json::Object user = test::resource(*schemas().user, "{}");
  const std::vector<GroupMembership> groups = {
      {ResourceId::generate(DomainNumber(3), ResourceKind::kGroup), "a\"},\n{\xFF"}};
  const std::string text =
      renderStored(*schemas().user, json::write(user), metaOf(ResourceKind::kUser), "https://h/\"x",
                   "", groupsText(groups, "https://h/\"x", "", *schemas().group));
  const json::Value read_back = parsed(text);
  ASSERT_EQ(read_back.find("groups")->array()->size(), 1U);
  const json::Value& group = read_back.find("groups")->array()->at(0);
  EXPECT_EQ(group.stringAt("display"), "a\"},\n{\uFFFD");
  EXPECT_EQ(group.stringAt("value"), groups[0].id.text());
  EXPECT_EQ(group.stringAt("$ref"), "https://h/\"x/Groups/" + groups[0].id.text());
  EXPECT_EQ(group.stringAt("type"), "direct");
}

TEST(GroupsText, A20_SaysWhichMembershipsComeThroughAnotherGroup) {
  const auto id = ResourceId::generate(DomainNumber(3), ResourceKind::kGroup);
  const std::vector<GroupMembership> groups = {{id, "near"}, {id, "far", false}};
  const auto array = groupsArray(groups, kBase, "", *schemas().group);
  EXPECT_EQ(array[0].stringAt("type"), "direct");
  EXPECT_EQ(array[1].stringAt("type"), "indirect");
  EXPECT_EQ(groupsText(groups, kBase, "", *schemas().group),
            "\"groups\":" + json::write(json::Value(array)));
}

TEST(GroupsText, IsEmptyWithoutGroups) {
  EXPECT_EQ(groupsText({}, kBase, "", *schemas().group), "");
}

TEST(Members, AreTheSameAsTextAndAsObjects) {
  const GroupMember member{ResourceId::generate(DomainNumber(3), ResourceKind::kUser),
                           "Babs \"B\""};
  std::string text;
  appendMember(text, member, kBase, "CORP/", *schemas().user);
  EXPECT_EQ(text, json::write(memberObject(member, kBase, "CORP/", *schemas().user)));
  const json::Value read_back = parsed(text);
  EXPECT_EQ(read_back.stringAt("display"), "CORP/Babs \"B\"");
  EXPECT_EQ(read_back.stringAt("type"), "User");
  const auto group = memberObject(member, kBase, "", *schemas().group);
  EXPECT_EQ(group.find("type")->string()->c_str(), std::string("Group"));
  EXPECT_EQ(*group.find("$ref")->string(), std::string(kBase) + "/Groups/" + member.id.text());
}

TEST(RelationOf, IsWhatIsKeptAsRows) {
  EXPECT_EQ(relationOf(*schemas().user)->name, "groups");
  EXPECT_EQ(relationOf(*schemas().group)->name, "members");
  EXPECT_EQ(relationOf(*schemas().probe), nullptr);
}

}  // namespace
}  // namespace vestibule::scim
