#include "directory/users.h"

#include "contract/directory/directory_test.h"

namespace vestibule::directory {
namespace {

class Users : public test::DirectoryTest {
 protected:
  std::uint64_t patched(const std::string& id, const std::string& operations) {
    return must(patchUser(context_, everywhere(), id, patchBody(operations), {}, {}))
        .meta.version.value();
  }
  std::string hash() { return ask("SELECT password_hash FROM {s}_primary.users"); }
};

Preconditions ifNoneMatch(std::vector<std::string> tags) {
  Preconditions conditions;
  conditions.has_if_none_match = true;
  conditions.if_none_match_any = tags.empty();
  conditions.if_none_match = std::move(tags);
  return conditions;
}

TEST_F(Users, F42_G2_APasswordGoesWhenItIsRemovedAndOnlyThen) {
  const std::string id = user(everywhere(), "bob", R"(, "password": "S3cret!pass")");
  const std::string first = hash();
  ASSERT_FALSE(first.empty());
  EXPECT_EQ(patched(id, R"({"op": "add", "path": "password", "value": null})"), 1U);
  EXPECT_EQ(patched(id, R"({"op": "add", "value": {"password": null}})"), 1U);
  EXPECT_EQ(hash(), first);
  must(replaceUser(context_, everywhere(), id, userBody("bob", R"(, "password": null)"), {}, {}));
  must(replaceUser(context_, everywhere(), id, userBody("bob"), {}, {}));
  EXPECT_EQ(hash(), first);

  EXPECT_EQ(patched(id, R"({"op": "replace", "path": "password", "value": "N3w!password"})"), 2U);
  EXPECT_NE(hash(), first);
  EXPECT_EQ(patched(id, R"({"op": "remove", "path": "password"})"), 3U);
  EXPECT_EQ(hash(), "");
  // There is none any more.
  EXPECT_EQ(patched(id, R"({"op": "remove", "path": "password"})"), 3U);
  EXPECT_EQ(patched(id, R"({"op": "replace", "path": "password", "value": null})"), 3U);
  // In order: the last one that does anything counts.
  EXPECT_EQ(patched(id, R"({"op": "remove", "path": "password"},
                           {"op": "add", "path": "PASSWORD", "value": "S3cret!pass"},
                           {"op": "add", "path": "password", "value": null})"),
            4U);
  EXPECT_FALSE(hash().empty());
  EXPECT_EQ(patched(id, R"({"op": "replace", "path": "password", "value": "S3cret!pass"},
                           {"op": "remove", "path": "password"})"),
            5U);
  EXPECT_EQ(hash(), "");
  const auto empty =
      patchUser(context_, everywhere(), id,
                patchBody(R"({"op": "replace", "path": "password", "value": ""})"), {}, {});
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().kind, ErrorKind::kInvalidValue);
}

TEST_F(Users, L3_IfNoneMatchForbidsWritesOfTheVersionItNames) {
  const std::string id = user(everywhere(), "bob");
  const std::string writers = group(everywhere(), "writers");
  const json::Value patch = patchBody(R"({"op": "add", "path": "externalId", "value": "x"})");
  for (const auto& conditions : {ifNoneMatch({}), ifNoneMatch({"W/\"9\"", "W/\"1\""})}) {
    const Result<Rendered> refused[] = {
        replaceUser(context_, everywhere(), id, userBody("bob"), {}, conditions),
        patchUser(context_, everywhere(), id, patch, {}, conditions),
        replaceGroup(context_, everywhere(), writers, groupBody("writers", {}), {}, conditions),
        patchGroup(context_, everywhere(), writers, patch, {}, conditions, true),
        patchGroup(
            context_, everywhere(), writers,
            patchBody(R"({"op": "add", "path": "members", "value": [{"value": ")" + id + "\"}]}"),
            {}, conditions, true)};
    for (const auto& answer : refused) {
      ASSERT_FALSE(answer);
      EXPECT_EQ(answer.error().kind, ErrorKind::kVersionMismatch);
    }
    EXPECT_EQ(deleteUser(context_, everywhere(), id, conditions).error().kind,
              ErrorKind::kVersionMismatch);
    EXPECT_EQ(deleteGroup(context_, everywhere(), writers, conditions).error().kind,
              ErrorKind::kVersionMismatch);
  }
  EXPECT_TRUE(patchUser(context_, everywhere(), id, patch, {}, ifNoneMatch({"W/\"7\""})));
}

TEST_F(Users, L5_AreOnlyNotModifiedWhereTheirGroupsAreNotShown) {
  const std::string id = user(everywhere(), "bob");
  const auto without =
      must(scim::Projection::parse(*context_.registry, *context_.user_type, {}, {"groups"}));
  EXPECT_TRUE(
      must(getUser(context_, everywhere(), id, without, ifNoneMatch({"W/\"1\""}))).not_modified);
  group(everywhere(), "writers", {id});
  const auto read = must(getUser(context_, everywhere(), id, {}, ifNoneMatch({"W/\"1\""})));
  EXPECT_FALSE(read.not_modified);
  EXPECT_EQ(read.meta.version.value(), 1U);
  EXPECT_EQ(test::parsed(read.body).find("groups")->array()->size(), 1U);
}

TEST_F(Users, S20_WhatIsNoJsonInTheDatabaseIsAnErrorAndNotAnEmptyUser) {
  const std::string id = user(everywhere(), "bob");
  ask("UPDATE {s}_primary.users SET document = '[]'");
  const auto names =
      must(scim::Projection::parse(*context_.registry, *context_.user_type, {"userName"}, {}));
  const auto read = getUser(context_, everywhere(), id, names, {});
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, ErrorKind::kInternal);
  EXPECT_FALSE(listResources(context_, everywhere(), {{context_.user_type, names}}, {}));
}

TEST_F(Users, A26_AnswersToWritesShowWhatIsReturnedOnRequestAndWasSent) {
  auto files = scim::test::shippedSchemas();
  std::erase_if(
      files, [](const scim::SchemaFile& file) { return file.name == "resource-type-user.json"; });
  files.push_back({"badge.json", R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:Schema"],
    "id":"urn:example:badge","attributes":[{"name":"plain"},{"name":"asked","returned":"request"},
    {"name":"other","returned":"request"}]})"});
  files.push_back(
      {"type.json", R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
    "name":"User","endpoint":"/Users","schema":"urn:ietf:params:scim:schemas:core:2.0:User",
    "schemaExtensions":[{"schema":"urn:example:badge"}],"x-vestibule":{"namingAttribute":"userName"}})"});
  use(scim::test::loaded(files));
  const auto badge = [](const Result<Rendered>& answer) {
    return json::write(*test::parsed(must(answer).body).find("urn:example:badge"));
  };
  const auto created =
      createUser(context_, everywhere(),
                 userBody("bob", R"(, "URN:example:badge": {"plain": "1", "ASKED": "2"})"), {});
  EXPECT_EQ(badge(created), R"({"plain":"1","asked":"2"})");
  const std::string id = created->meta.id.text();
  EXPECT_EQ(badge(getUser(context_, everywhere(), id, {}, {})), R"({"plain":"1"})");
  const auto patched = patchUser(
      context_, everywhere(), id,
      patchBody(R"({"op": "add", "path": "urn:example:badge:other", "value": "3"})"), {}, {});
  EXPECT_EQ(badge(patched), R"({"plain":"1","other":"3"})");
  const auto replaced = replaceUser(
      context_, everywhere(), id,
      userBody("bob", R"(, "urn:example:badge": {"plain": "4", "asked": "5"})"), {}, {});
  EXPECT_EQ(badge(replaced), R"({"plain":"4","asked":"5"})");
}

TEST_F(Users, APageThatIsTooLargeIsRefusedWithAdvice) {
  for (const char* name : {"ann", "bea", "cora"}) user(everywhere(), name);
  const auto size =
      must(listResources(context_, everywhere(), {{context_.user_type, {}}}, {})).size();
  context_.limits.list_bytes = size / 2;
  const auto page = listResources(context_, everywhere(), {{context_.user_type, {}}}, {});
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().kind, ErrorKind::kTooMany);
  EXPECT_NE(page.error().detail.find("excludedAttributes=groups"), std::string::npos)
      << page.error().detail;
  ListRequest one;
  one.count = 1;
  EXPECT_TRUE(listResources(context_, everywhere(), {{context_.user_type, {}}}, one));
}

}  // namespace
}  // namespace vestibule::directory
