#include "directory/groups.h"

#include <atomic>
#include <thread>

#include "contract/directory/directory_test.h"

namespace vestibule::directory {
namespace {

class Groups : public test::DirectoryTest {
 protected:
  using List = std::vector<std::string>;

  Groups() {
    for (const char* name : {"ann", "bea", "bob"}) ids_[name] = user(everywhere(), corp(name));
  }

  static std::string corp(const std::string& name) { return "CORP/" + name; }
  static std::string removeNamed(const std::string& filter) {
    return R"({"op": "remove", "path": "members[)" + filter + R"(]"})";
  }
  std::string addOf(const std::string& name) {
    return R"({"op": "add", "path": "members", "value": [{"value": ")" + ids_.at(name) + "\"}]}";
  }
  Rendered patched(const std::string& group, const std::string& operations) {
    return must(patchGroup(context_, everywhere(), group, patchBody(operations), {}, {}, false));
  }

  std::map<std::string, std::string> ids_;
};

TEST_F(Groups, MembersAreChosenAsTheViewShowsThem) {
  const std::string writers =
      group(everywhere(), "CORP/writers", {ids_["ann"], ids_["bea"], ids_["bob"]});
  EXPECT_EQ(patched(writers, removeNamed(R"(display eq \"bob\")")).meta.version.value(), 1U);
  EXPECT_EQ(patched(writers, removeNamed(R"(display eq \"CORP/bob\")")).meta.version.value(), 2U);
  EXPECT_EQ(membersOf(everywhere(), writers), (List{"CORP/ann", "CORP/bea"}));
  patched(writers, removeNamed(R"($ref eq \")" + everywhere().baseUrl() + "/Users/" + ids_["bea"] +
                               R"(\")"));
  EXPECT_EQ(membersOf(everywhere(), writers), List{"CORP/ann"});
  must(patchGroup(context_, inDomain("CORP"), writers,
                  patchBody(removeNamed(R"(display eq \"ann\")")), {}, {}, false));
  EXPECT_EQ(membersOf(everywhere(), writers), List{});
}

TEST_F(Groups, AFilterChoosesAmongThoseWhoAreMembersWhenItsTurnComes) {
  const std::string matching = removeNamed(R"(display co \"b\")");
  struct Case {
    const char* what;
    std::string operations;
    List members;
  };
  const Case cases[] = {
      {"stored", matching, {"CORP/ann"}},
      {"stored and added before", addOf("bob") + "," + matching, {"CORP/ann"}},
      {"added behind", matching + "," + addOf("bob"), {"CORP/ann", "CORP/bob"}},
      {"taken out and put back", matching + "," + addOf("bea"), {"CORP/ann", "CORP/bea"}},
      {"all replaced before",
       R"({"op": "replace", "path": "members", "value": [{"value": ")" + ids_["bob"] +
           R"("}, {"value": ")" + ids_["ann"] + "\"}]}," + matching,
       {"CORP/ann"}},
      {"all removed before",
       R"({"op": "remove", "path": "members"},)" + addOf("bob") + "," + matching + "," +
           addOf("bea"),
       {"CORP/bea"}},
  };
  int number = 0;
  for (const Case& look : cases) {
    SCOPED_TRACE(look.what);
    const std::string id =
        group(everywhere(), "CORP/group-" + std::to_string(++number), {ids_["ann"], ids_["bea"]});
    patched(id, look.operations);
    EXPECT_EQ(membersOf(everywhere(), id), look.members);
  }
}

TEST_F(Groups, AFilterMissesNobodyWhoJoinsMeanwhile) {
  const std::string writers = group(everywhere(), "CORP/writers", {ids_["ann"]});
  std::atomic<bool> stop{false};
  std::thread joining([&] {
    for (const char* name : {"bea", "bob"}) patched(writers, addOf(name));
    stop = true;
  });
  while (!stop) patched(writers, removeNamed(R"(display co \"b\")"));
  joining.join();
  patched(writers, removeNamed(R"(display co \"b\")"));
  EXPECT_EQ(membersOf(everywhere(), writers), List{"CORP/ann"});
}

TEST_F(Groups, AFilterOnMoreMembersThanMayBeReadIsRefused) {
  const std::string writers = group(everywhere(), "CORP/writers", {ids_["ann"], ids_["bea"]});
  context_.limits.scan_limit = 2;
  EXPECT_TRUE(patchGroup(context_, everywhere(), writers,
                         patchBody(removeNamed(R"(display eq \"x\")")), {}, {}, false));
  const auto refused =
      patchGroup(context_, everywhere(), writers,
                 patchBody(addOf("bob") + "," + removeNamed(R"(display eq \"x\")")), {}, {}, false);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kTooMany);
  EXPECT_EQ(membersOf(everywhere(), writers), (List{"CORP/ann", "CORP/bea"}));
}

TEST_F(Groups, ANameIsCheckedWhenItIsGivenAndNotAgain) {
  const std::string writers = group(everywhere(), "CORP/writers");
  must(changeDomain(context_, catalog_->current()->findDomain("CORP")->tables().number,
                    test::parsed(R"({"settings": {"RolenameJavaRegEx": "^team-.*$"}})"), {}));
  patched(writers, R"({"op": "add", "path": "externalId", "value": "x-1"})");
  EXPECT_TRUE(replaceGroup(context_, everywhere(), writers,
                           groupBody("CORP/writers", {ids_["ann"]}), {}, {}));
  EXPECT_EQ(membersOf(everywhere(), writers), List{"CORP/ann"});
  const auto renamed =
      patchGroup(context_, everywhere(), writers,
                 patchBody(R"({"op": "replace", "path": "displayName", "value": "CORP/authors"})"),
                 {}, {}, false);
  ASSERT_FALSE(renamed);
  EXPECT_EQ(renamed.error().kind, ErrorKind::kInvalidValue);
  patched(writers, R"({"op": "replace", "path": "displayName", "value": "CORP/team-w"})");
}

TEST_F(Groups, WithoutTheirMembersAreReadWithoutARowOfThem) {
  const std::string writers = group(everywhere(), "CORP/writers", {ids_["ann"], ids_["bea"]});
  const std::string schema = catalog_->current()->findDomain("CORP")->tables().schema;
  const auto projection = [&](const char* attributes, const char* excluded) {
    return must(scim::Projection::parse(*context_.registry, *context_.group_type, {attributes},
                                        {excluded}));
  };
  // Whoever looks for members finds no table.
  for (const char* table : {"memberships", "group_nesting"}) {
    ask("RENAME TABLE " + schema + "." + table + " TO " + schema + "." + table + "_away");
  }
  for (const auto& without : {projection("", "members"), projection("displayName,meta", "")}) {
    const auto one = getGroup(context_, inDomain("CORP"), writers, without, {});
    ASSERT_TRUE(one) << one.error().internal;
    EXPECT_EQ(test::parsed(one->body).stringAt("displayName"), "writers");
    ListRequest request;
    request.has_filter = true;
    request.filter = R"(displayName eq "writers")";
    const auto list =
        listResources(context_, inDomain("CORP"), {{context_.group_type, without}}, request);
    ASSERT_TRUE(list) << list.error().internal;
    EXPECT_EQ(test::parsed(*list).find("totalResults")->number()->asInt64(), 1);
  }
  EXPECT_FALSE(getGroup(context_, inDomain("CORP"), writers, projection("members", ""), {}));
}

TEST_F(Groups, APageWithTooManyMembersIsRefusedWithAdvice) {
  group(everywhere(), "CORP/writers", {ids_["ann"], ids_["bea"], ids_["bob"]});
  context_.limits.list_bytes = 600;
  for (const char* asked : {"", "members"}) {
    SCOPED_TRACE(asked);
    const auto projection =
        must(scim::Projection::parse(*context_.registry, *context_.group_type, {asked}, {}));
    const auto page =
        listResources(context_, everywhere(), {{context_.group_type, projection}}, {});
    ASSERT_FALSE(page);
    EXPECT_EQ(page.error().kind, ErrorKind::kTooMany);
    EXPECT_NE(page.error().detail.find("excludedAttributes=members"), std::string::npos);
  }
  const auto without =
      must(scim::Projection::parse(*context_.registry, *context_.group_type, {}, {"members"}));
  EXPECT_TRUE(listResources(context_, everywhere(), {{context_.group_type, without}}, {}));
}

}  // namespace
}  // namespace vestibule::directory
