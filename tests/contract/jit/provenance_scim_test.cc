// Where users come from: what SCIM clients and schema files can do with it.

#include <gtest/gtest.h>

#include <string>

#include "contract/jit/provenance_fixture.h"

namespace vestibule::jit {
namespace {

using test::parsed;

class ProvenanceInScim : public test::ProvenanceTest {
 protected:
  void use(const std::vector<scim::SchemaFile>& files) {
    context_.registry = scim::test::loaded(files);
    context_.user_type = context_.registry->findResourceType("User");
    context_.group_type = context_.registry->findResourceType("Group");
  }
};

TEST_F(ProvenanceInScim, IsFilteredByOnTheIndex) {
  usual();
  usual("other");
  for (const char* name : {"one", "two", "three", "four"}) {
    login("s-" + std::string(name), R"({"uid": ")" + std::string(name) + "\"}");
  }
  const auto five = scimUser(R"("userName": "five")");
  link("s-five", five, "other");
  link("s-one", five, "other");
  context_.limits.scan_limit = 1;
  const struct {
    const char* filter;
    const char* names;
  } kCases[] = {
      {R"(ID.subject eq "s-one")", "CORP/one five"},
      {R"(ID.subject eq "S-one")", ""},
      {R"(ID.subject sw "s-t")", "CORP/three CORP/two"},
      {R"(ID.identityProvider eq "other")", "five"},
      {R"(ID.identityProvider eq "Other")", ""},
      {R"(IDS[identityProvider eq "idp" and subject eq "s-one"])", "CORP/one"},
      {R"(IDS[identityProvider eq "other" and subject eq "s-two"])", ""},
      {R"(ID.state eq "linked")", "five"},
      {R"(IDS[state eq "synced"])", "CORP/four CORP/one CORP/three CORP/two"},
      {R"(ID.lastProvisioned gt "2020-01-01T00:00:00Z")", "CORP/four CORP/one CORP/three CORP/two"},
      {R"(ID.lastProvisioned lt "2020-01-01T00:00:00Z")", ""},
      {R"(ID.firstProvisioned ge "2020-01-01T00:00:00+02:00" and ID.subject eq "s-two")",
       "CORP/two"},
      {R"(IDS[firstProvisioned lt "2999-01-01T00:00:00Z"])",
       "CORP/four CORP/one CORP/three CORP/two"},
      // What no index answers is a scan, which may not read so many.
      {R"(ID.subject co "one")", "too many"},
  };
  for (const auto& test : kCases) EXPECT_EQ(found(test.filter), test.names) << test.filter;
}

TEST_F(ProvenanceInScim, FollowsTheIndexWhenALoginUpdatesIt) {
  usual();
  const auto bob = idOf(login("s-1", R"({"uid": "bob"})"));
  const auto first = dates(bob).second;
  const auto at = [&](const std::string& date) {
    return found(R"(ID.lastProvisioned eq ")" + date + "\"");
  };
  EXPECT_EQ(at(first), "CORP/bob");
  std::string last = first;
  for (int title = 0; last == first; ++title) {
    login("s-1", R"({"uid": "bob", "title": ")" + std::to_string(title) + "\"}");
    last = dates(bob).second;
  }
  EXPECT_EQ(at(first), "");
  EXPECT_EQ(at(last), "CORP/bob");
}

TEST_F(ProvenanceInScim, NoScimClientChangesIt) {
  usual();
  const auto bob = idOf(login("s-1", R"({"uid": "bob"})"));
  const auto before = json::write(*shown(bob).find(kUrn));
  const auto put = [&](const std::string& more) {
    must(
        directory::replaceUser(context_, view(), bob.text(),
                               parsed(R"({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
                   "userName": "CORP/bob")" +
                                      more + "}"),
                               {}, {}));
    EXPECT_EQ(json::write(*shown(bob).find(kUrn)), before) << more;
  };
  const std::string own = R"(, ")" + std::string(kUrn) + R"(": )";
  put("");
  put(R"(, "title": "Boss")");
  put(own + "{}");
  put(own + "null");
  put(own + R"({"identities": []})");
  put(own + R"({"identities": [{"identityProvider": "idp", "subject": "root"}]})");
  EXPECT_TRUE(listsSchema(bob));

  const std::string urn(kUrn);
  for (const std::string& operation :
       {R"({"op": "remove", "path": ")" + urn + R"(:identities"})",
        R"({"op": "remove", "path": ")" + urn + R"(:identities[subject eq \"s-1\"]"})",
        R"({"op": "remove", "path": ")" + urn + R"("})",
        R"({"op": "replace", "path": ")" + urn +
            R"(:identities[subject eq \"s-1\"].state", "value": "linked"})",
        R"({"op": "add", "path": ")" + urn + R"(:identities", "value": [{"subject": "root"}]})"}) {
    const auto patched = directory::patchUser(
        context_, view(), bob.text(),
        parsed(R"({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [)" +
               operation + "]}"),
        {}, {});
    ASSERT_FALSE(patched) << operation;
    EXPECT_EQ(patched.error().kind, ErrorKind::kMutability) << operation << patched.error().detail;
  }
  EXPECT_EQ(json::write(*shown(bob).find(kUrn)), before);

  const auto alice = scimUser(R"("userName": "CORP/alice")" + own +
                              R"({"identities": [{"identityProvider": "idp", "subject": "s-1"}]})");
  EXPECT_EQ(told(alice), "");
  EXPECT_FALSE(listsSchema(alice));
}

TEST_F(ProvenanceInScim, NoClaimIsMappedToIt) {
  for (const char* path : {":identities", ":identities[identityProvider eq \\\"idp\\\"].subject"}) {
    const auto applied = providers_->apply(
        parsed(R"({"name": "idp", "claims": {"mappings": [{"idpClaim": "c", "attribute": ")" +
               std::string(kUrn) + path + R"("}]}, "jit": {"isEnabled": true}})"));
    ASSERT_FALSE(applied) << path;
    EXPECT_NE(applied.error().detail.find("readOnly"), std::string::npos) << applied.error().detail;
  }
}

TEST_F(ProvenanceInScim, IsNotNotedWithoutTheSchema) {
  auto files = scim::test::shippedSchemas();
  std::erase_if(files, [](const auto& file) { return file.name == "provenance.json"; });
  for (auto& file : files) {
    const auto at = file.content.find(",\n    {\"schema\": \"" + std::string(kUrn));
    if (at != std::string::npos) file.content.erase(at, file.content.find('\n', at + 2) - at);
  }
  use(files);
  usual();
  const auto created = login("s-1", R"({"uid": "bob", "title": "Boss"})");
  ASSERT_EQ(outcome(created), "created");
  EXPECT_EQ(created.decision->user->resource.document,
            R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"bob",)"
            R"("title":"Boss"})");
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "bob", "title": "Boss"})")), "unchanged");
  const auto alice = scimUser(R"("userName": "CORP/alice", "title": "T")");
  link("s-2", alice);
  EXPECT_EQ(storedVersion(alice), 1U);
  EXPECT_EQ(outcome(login("s-2", R"({"uid": "alice", "title": "T"})")), "unchanged");
  move("s-2", idOf(created));
  unlink("s-2");
  EXPECT_EQ(storedVersion(alice), 1U);
  EXPECT_EQ(count("corp.user_attributes"), 0U);
}

TEST_F(ProvenanceInScim, IsFilteredByAlsoWhereItIsShownOnRequestOnly) {
  auto files = scim::test::shippedSchemas();
  for (auto& file : files) {
    if (file.name != "provenance.json") continue;
    const auto at = file.content.rfind(R"("returned": "default")");
    file.content.replace(at, std::string_view(R"("returned": "default")").size(),
                         R"("returned": "request")");
  }
  use(files);
  usual();
  const auto bob = idOf(login("s-1", R"({"uid": "bob"})"));
  login("s-2", R"({"uid": "alice"})");
  EXPECT_EQ(told(bob), "");
  context_.limits.scan_limit = 1;
  EXPECT_EQ(found(R"(IDS[identityProvider eq "idp" and subject eq "s-1"])"), "CORP/bob");
}

}  // namespace
}  // namespace vestibule::jit
