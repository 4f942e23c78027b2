// One rule for names, whoever reads them: create, PUT, PATCH, filters and ids.

#include "contract/directory/directory_test.h"

namespace vestibule::directory {
namespace {

class Names : public test::DirectoryTest {
 protected:
  std::vector<std::string> usersNamed(const View& view, const std::string& literal) {
    std::vector<std::string> names;
    ListRequest request;
    request.has_filter = true;
    request.filter = "userName eq " + json::write(json::Value(literal));
    const json::Value list =
        test::parsed(must(listResources(context_, view, {{context_.user_type, {}}}, request)));
    for (const auto& user : *list.find("Resources")->array()) {
      names.emplace_back(*user.stringAt("userName"));
    }
    return names;
  }
  using List = std::vector<std::string>;
};

TEST_F(Names, Q9_AFilterFindsWhatWasCreatedUnderTheSameName) {
  struct Case {
    const char* what = nullptr;
    std::optional<std::string_view> only;
    const char* name = nullptr;
    const char* shown = nullptr;
  };
  // The Hebrew name has its vowel point decomposed and a prefix from left to right in front.
  const Case cases[] = {
      {"bare", std::nullopt, "ann", "ann"},
      {"of CORP", std::nullopt, "CORP/ann", "CORP/ann"},
      {"CORP in another case", std::nullopt, "corp/bea", "CORP/bea"},
      {"of PRIMARY", std::nullopt, "PRIMARY/cora", "cora"},
      {"bare in ?domain", "CORP", "dora", "CORP/dora"},
      {"with the prefix in ?domain", "CORP", "CORP/emma", "CORP/emma"},
      {"bare in ?domain=PRIMARY", "PRIMARY", "fay", "fay"},
      {"right to left", std::nullopt, "CORP/\xD7\xA9\xD6\xB8\xD7\x9C\xD7\x95",
       "CORP/\xD7\xA9\xD6\xB8\xD7\x9C\xD7\x95"},
      {"decomposed", std::nullopt, "CORP/Zoe\xCC\x88", "CORP/Zoe\xCC\x88"},
      {"with a slash", std::nullopt, "CORP/a/b", "CORP/a/b"},
  };
  for (const Case& look : cases) {
    SCOPED_TRACE(look.what);
    const View view = everywhere(look.only);
    user(view, look.name);
    EXPECT_EQ(usersNamed(view, look.name), List{look.shown});
    EXPECT_EQ(usersNamed(everywhere(), look.shown), List{look.shown});
  }
  EXPECT_EQ(usersNamed(everywhere(), "CORP/Zo\xC3\xAB"), List{"CORP/Zoe\xCC\x88"});
  EXPECT_EQ(usersNamed(inDomain("CORP"), "DORA"), List{"dora"});
  EXPECT_EQ(usersNamed(inDomain("CORP"), "CORP/dora"), List{});
  EXPECT_EQ(usersNamed(everywhere(), "dora"), List{});
  EXPECT_EQ(usersNamed(everywhere("PRIMARY"), "CORP/dora"), List{});
  EXPECT_EQ(usersNamed(everywhere("CORP"), "PRIMARY/fay"), List{});
  EXPECT_EQ(usersNamed(everywhere(), "NOPE/fay"), List{});
}

TEST_F(Names, AreLocalInEveryPartOfAFilter) {
  user(everywhere(), "bob");
  user(everywhere(), "CORP/bob");
  user(everywhere(), "CORP/eve");
  EXPECT_EQ(foundUsers(everywhere(), R"(userName ne "CORP/bob")"), 2);
  EXPECT_EQ(foundUsers(everywhere(), R"(userName ne "NOPE/bob")"), 3);
  EXPECT_EQ(foundUsers(everywhere(), R"(not (userName eq "CORP/bob"))"), 2);
  EXPECT_EQ(foundUsers(everywhere(), R"(not (userName ne "CORP/bob"))"), 1);
  EXPECT_EQ(foundUsers(everywhere(), R"(userName eq "bob" or userName eq "CORP/eve")"), 2);
  EXPECT_EQ(foundUsers(everywhere(), R"(userName eq "CORP/bob" and title pr)"), 0);
  EXPECT_EQ(foundUsers(everywhere(), R"(userName sw "CORP/")"), 2);
  EXPECT_EQ(foundUsers(everywhere(), R"(userName ew "bob")"), 2);
  EXPECT_EQ(foundUsers(everywhere("CORP"), R"(userName eq "bob" and not (title pr))"), 1);
  EXPECT_EQ(foundUsers(inDomain("CORP"), R"(userName ne "bob")"), 1);
  group(everywhere(), "CORP/writers");
  EXPECT_EQ(found(everywhere(), ResourceKind::kGroup, R"(displayName eq "corp/WRITERS")"), 1);
  EXPECT_EQ(found(everywhere(), ResourceKind::kGroup, R"(displayName eq "writers")"), 0);
  EXPECT_EQ(found(everywhere("CORP"), ResourceKind::kGroup, R"(displayName eq "writers")"), 1);
}

TEST_F(Names, PutAndPatchReadThemAsCreateDoes) {
  const std::string id = user(everywhere(), "CORP/bob");
  struct Case {
    const char* name = nullptr;
    std::optional<ErrorKind> refused;
    const char* stored = nullptr;
  };
  const Case cases[] = {
      // Without a prefix it would be a name of PRIMARY.
      {"bob", ErrorKind::kMutability, "bob"},
      {"PRIMARY/bob", ErrorKind::kMutability, "bob"},
      {"NOPE/bob", ErrorKind::kInvalidValue, "bob"},
      {"CORP/bob", std::nullopt, "bob"},
      {"corp/rob", std::nullopt, "rob"},
      {"CORP/bob", std::nullopt, "bob"},
  };
  for (const Case& look : cases) {
    SCOPED_TRACE(look.name);
    const auto put = replaceUser(context_, everywhere(), id, userBody(look.name), {}, {});
    const auto patch = patchUser(context_, everywhere(), id,
                                 patchBody(R"({"op": "replace", "path": "userName", "value": ")" +
                                           std::string(look.name) + "\"}"),
                                 {}, {});
    for (const auto* answer : {&put, &patch}) {
      ASSERT_EQ(answer->has_value(), !look.refused.has_value());
      if (!look.refused) continue;
      EXPECT_EQ(answer->error().kind, *look.refused);
    }
    EXPECT_EQ(readUser(inDomain("CORP"), id).stringAt("userName"), look.stored);
  }
  // One that only touches other attributes leaves the name alone.
  must(patchUser(context_, everywhere(), id,
                 patchBody(R"({"op": "add", "path": "title", "value": "T"})"), {}, {}));
  EXPECT_EQ(readUser(everywhere(), id).stringAt("userName"), "CORP/bob");
  must(patchUser(context_, everywhere("CORP"), id,
                 patchBody(R"({"op": "replace", "path": "userName", "value": "rob"})"), {}, {}));
  EXPECT_EQ(readUser(everywhere(), id).stringAt("userName"), "CORP/rob");

  const std::string writers = group(everywhere(), "CORP/writers");
  const auto moved = patchGroup(
      context_, everywhere(), writers,
      patchBody(R"({"op": "replace", "path": "displayName", "value": "writers"})"), {}, {}, false);
  ASSERT_FALSE(moved);
  EXPECT_EQ(moved.error().kind, ErrorKind::kMutability);
}

TEST_F(Names, AnIdIsReadAsAFilterReadsIt) {
  const std::string id = user(everywhere(), "bob");
  std::string upper = id;
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  ASSERT_NE(upper, id);
  EXPECT_EQ(foundUsers(everywhere(), "id eq \"" + id + "\""), 1);
  EXPECT_EQ(foundUsers(everywhere(), "id eq \"" + upper + "\""), 0);
  const auto read = getUser(context_, everywhere(), upper, {}, {});
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, ErrorKind::kNotFound);
}

TEST_F(Names, Q1_AddressesInFiltersAreThoseOfTheBaseThatWasAsked) {
  const std::string bob = user(everywhere(), "CORP/bob");
  const std::string writers = group(everywhere(), "CORP/writers", {bob});
  for (const View& view : {everywhere(), inDomain("CORP")}) {
    SCOPED_TRACE(view.baseUrl());
    const std::string user_url = view.baseUrl() + "/Users/" + bob;
    const std::string group_url = view.baseUrl() + "/Groups/" + writers;
    EXPECT_EQ(foundUsers(view, "meta.location eq \"" + user_url + "\""), 1);
    EXPECT_EQ(foundUsers(view, "groups.$ref eq \"" + group_url + "\""), 1);
    EXPECT_EQ(found(view, ResourceKind::kGroup, "members.$ref eq \"" + user_url + "\""), 1);
    EXPECT_EQ(found(view, ResourceKind::kGroup, "meta.location eq \"" + user_url + "\""), 0);
  }
}

}  // namespace
}  // namespace vestibule::directory
