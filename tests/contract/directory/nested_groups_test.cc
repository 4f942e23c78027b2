// Groups in groups as clients see them, over all domains and in one.

#include "contract/directory/directory_test.h"

namespace vestibule::directory {
namespace {

class NestedGroups : public test::DirectoryTest {
 protected:
  using List = std::vector<std::string>;

  NestedGroups() {
    ann_ = user(everywhere(), "CORP/ann");
    bob_ = user(everywhere(), "CORP/bob");
    inner_ = group(everywhere(), "CORP/inner", {ann_});
    outer_ = group(everywhere(), "CORP/outer", {bob_, inner_});
  }

  Result<Rendered> patch(const std::string& id, const std::string& operations) {
    return patchGroup(context_, everywhere(), id, patchBody(operations), {}, {}, false);
  }
  static std::string adding(const std::string& id) {
    return R"({"op": "add", "path": "members", "value": [{"value": ")" + id + "\"}]}";
  }
  static std::string removing(const std::string& filter) {
    return R"({"op": "remove", "path": "members[)" + filter + R"(]"})";
  }
  /// The user's groups as `display type`, sorted.
  List groupsOf(const View& view, const std::string& id) {
    List names;
    const auto shown = readUser(view, id);
    if (const auto* groups = shown.find("groups")) {
      for (const auto& one : *groups->array()) {
        names.push_back(std::string(*one.stringAt("display")) + " " +
                        std::string(*one.stringAt("type")));
      }
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  std::int64_t foundGroups(const std::string& filter) {
    return found(everywhere(), ResourceKind::kGroup, filter);
  }

  std::string ann_;
  std::string bob_;
  std::string inner_;
  std::string outer_;
};

TEST_F(NestedGroups, A22_AMemberIsAUserOrAGroupAsItsIdSays) {
  for (const auto& view : {everywhere(), inDomain("CORP")}) {
    SCOPED_TRACE(view.baseUrl());
    const std::string prefix = view.baseUrl().ends_with("CORP/scim/v2") ? "" : "CORP/";
    const auto shown = readGroup(view, outer_);
    const auto& members = *shown.find("members")->array();
    ASSERT_EQ(members.size(), 2U);
    const auto expected = [&](const std::string& id, const char* type, const char* endpoint,
                              const char* name) {
      return json::Object{{"value", id},
                          {"$ref", view.baseUrl() + endpoint + id},
                          {"display", prefix + name},
                          {"type", type}};
    };
    EXPECT_EQ(members[0], json::Value(expected(bob_, "User", "/Users/", "bob")));
    EXPECT_EQ(members[1], json::Value(expected(inner_, "Group", "/Groups/", "inner")));
    // The same where the projection has to take it apart.
    const auto projection =
        must(scim::Projection::parse(*context_.registry, *context_.group_type, {"members"}, {}));
    const auto projected =
        test::parsed(must(getGroup(context_, view, outer_, projection, {})).body);
    EXPECT_EQ(*projected.find("members"), *shown.find("members"));
    EXPECT_EQ(readGroup(view, outer_).find("groups"), nullptr);
  }
}

TEST_F(NestedGroups, A22_WhatAClientSaysOfAMembersTypeAndAddressIsIgnored) {
  const auto other = group(everywhere(), "CORP/other");
  must(patch(other, R"({"op": "add", "path": "members", "value": [
      {"value": ")" + inner_ +
                        R"(", "type": "User", "$ref": "https://x/Users/1", "display": "x"},
      {"value": ")" + ann_ +
                        R"(", "type": "Group", "$ref": null}]})"));
  List types;
  const auto shown = readGroup(everywhere(), other);
  for (const auto& member : *shown.find("members")->array()) {
    types.emplace_back(*member.stringAt("type"));
  }
  EXPECT_EQ(types, (List{"User", "Group"}));
}

TEST_F(NestedGroups, A20_AUserShowsDirectAndIndirectGroups) {
  EXPECT_EQ(groupsOf(everywhere(), ann_), (List{"CORP/inner direct", "CORP/outer indirect"}));
  EXPECT_EQ(groupsOf(everywhere(), bob_), List{"CORP/outer direct"});
  EXPECT_EQ(groupsOf(inDomain("CORP"), ann_), (List{"inner direct", "outer indirect"}));
  const auto user = readUser(everywhere(), ann_);
  const auto version = user.find("meta")->stringAt("version");
  must(patch(outer_, adding(ann_)));
  EXPECT_EQ(groupsOf(everywhere(), ann_), (List{"CORP/inner direct", "CORP/outer direct"}));
  must(patch(outer_, removing(R"(value eq \")" + ann_ + R"(\")")));
  EXPECT_EQ(groupsOf(everywhere(), ann_), (List{"CORP/inner direct", "CORP/outer indirect"}));
  EXPECT_EQ(readUser(everywhere(), ann_).find("meta")->stringAt("version"), version)
      << "the version of a user does not change with its groups";
  must(deleteGroup(context_, everywhere(), inner_, {}));
  EXPECT_EQ(groupsOf(everywhere(), ann_), List{});
  EXPECT_EQ(membersOf(everywhere(), outer_), List{"CORP/bob"});
}

TEST_F(NestedGroups, FiltersFindWhatIsShown) {
  const auto value = [](const char* attribute, const std::string& id) {
    return std::string(attribute) + " eq \"" + id + "\"";
  };
  EXPECT_EQ(foundUsers(everywhere(), value("groups.value", outer_)), 2);
  EXPECT_EQ(foundUsers(everywhere(), value("groups", outer_)), 2);
  EXPECT_EQ(foundUsers(everywhere(), value("groups.value", inner_)), 1);
  EXPECT_EQ(
      foundUsers(everywhere(), "groups[" + value("value", outer_) + " and type eq \"indirect\"]"),
      1);
  EXPECT_EQ(foundUsers(everywhere(), "groups.type eq \"indirect\""), 1);
  EXPECT_EQ(foundUsers(everywhere(), "groups.display eq \"CORP/outer\""), 2);
  EXPECT_EQ(foundUsers(everywhere(), "not (" + value("groups.value", outer_) + ")"), 0);
  EXPECT_EQ(foundGroups(value("members.value", inner_)), 1);
  EXPECT_EQ(foundGroups(value("members.value", ann_)), 1) << "members are the direct ones";
  EXPECT_EQ(foundGroups(value("members.value", outer_)), 0);
  EXPECT_EQ(foundGroups("members.type eq \"Group\""), 1);
  EXPECT_EQ(foundGroups("members.display eq \"CORP/inner\""), 1);
  // In the order of an attribute the same are found.
  ListRequest request;
  request.has_filter = true;
  request.filter = value("groups.value", outer_);
  request.sort_by = "userName";
  const auto list = test::parsed(
      must(listResources(context_, everywhere(), {{context_.user_type, {}}}, request)));
  EXPECT_EQ(list.find("totalResults")->number()->asInt64(), 2);
  EXPECT_EQ((*list.find("Resources")->array())[0].find("groups")->array()->size(), 2U);
}

TEST_F(NestedGroups, G3_AReplacedGroupHasExactlyTheMembersSent) {
  const auto put = [&](const List& members) {
    return must(replaceGroup(context_, everywhere(), outer_, groupBody("CORP/outer", members), {},
                             {}))
        .meta.version.value();
  };
  EXPECT_EQ(put({inner_, bob_}), 1U) << "the same members are no change";
  EXPECT_EQ(put({ann_}), 2U);
  EXPECT_EQ(membersOf(everywhere(), outer_), List{"CORP/ann"});
  EXPECT_EQ(put({inner_}), 3U);
  EXPECT_EQ(membersOf(everywhere(), outer_), List{"CORP/inner"});
  EXPECT_EQ(put({}), 4U);
  EXPECT_EQ(groupsOf(everywhere(), ann_), List{"CORP/inner direct"});
}

TEST_F(NestedGroups, AFilterChoosesAmongMembersOfBothKinds) {
  struct Case {
    const char* what;
    std::string operations;
    List members;
  };
  const auto other = group(everywhere(), "CORP/other");
  const Case cases[] = {
      {"by type", removing(R"(type eq \"Group\")"), {"CORP/bob"}},
      {"by name", removing(R"(display eq \"CORP/inner\")"), {"CORP/bob"}},
      {"what an earlier step adds",
       adding(other) + "," + removing(R"(type eq \"Group\")"),
       {"CORP/bob"}},
      {"the users", removing(R"(type eq \"User\")"), {"CORP/inner"}},
      {"by value", removing(R"(value eq \")" + inner_ + R"(\")"), {"CORP/bob"}},
  };
  int number = 0;
  for (const auto& one : cases) {
    SCOPED_TRACE(one.what);
    const auto id = group(everywhere(), "CORP/copy" + std::to_string(++number), {bob_, inner_});
    must(patch(id, one.operations));
    EXPECT_EQ(membersOf(everywhere(), id), one.members);
  }
}

TEST_F(NestedGroups, ACircleAndWhatIsNoMemberAreRefusedWithoutAWord) {
  const auto elsewhere = group(everywhere(), "staff");
  const auto elsewhere_user = user(everywhere(), "zoe");
  struct Case {
    std::string in;
    std::string member;
    const char* detail;
  };
  const Case cases[] = {
      {inner_, inner_, "a group cannot contain itself, not even through other groups"},
      {inner_, outer_, "a group cannot contain itself, not even through other groups"},
      {outer_, elsewhere, "a member is neither a user nor a group of this domain"},
      {outer_, elsewhere_user, "a member is neither a user nor a group of this domain"},
      {elsewhere, inner_, "a member is neither a user nor a group of this domain"},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.member);
    const auto refused = patch(one.in, adding(bob_) + "," + adding(one.member));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::kInvalidValue);
    EXPECT_EQ(refused.error().detail, one.detail);
  }
  EXPECT_EQ(membersOf(everywhere(), inner_), List{"CORP/ann"});
  EXPECT_EQ(membersOf(everywhere(), outer_), (List{"CORP/bob", "CORP/inner"}));
}

}  // namespace
}  // namespace vestibule::directory
