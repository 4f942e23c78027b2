#include "directory/domains.h"

#include <gtest/gtest.h>

#include <future>
#include <string>
#include <vector>

#include "base/unicode.h"
#include "contract/jit/jit_test.h"
#include "directory/tokens.h"

namespace vestibule::directory {
namespace {

using jit::test::parsed;

/// A database with PRIMARY and CORP, and two processes that use it: `context_`, and `other_`, whose
/// catalog is as old as its last refresh.
class DomainsTest : public jit::test::JitTest {
 protected:
  DomainsTest() : other_catalog_(must(CatalogWatch::start(*database_, false))), other_(context_) {
    other_.catalog = other_catalog_.get();
  }

  Result<json::Object> create(const std::string& body) {
    return createDomain(context_, migrations_, parsed(body));
  }
  static DomainNumber numberOf(const Context& context, std::string_view name) {
    return context.catalog->current()->findDomain(name)->tables().number;
  }
  Result<json::Object> change(const std::string& patch, const Preconditions& conditions = {},
                              std::string_view name = "CORP") {
    return changeDomain(context_, numberOf(context_, name), parsed(patch), conditions);
  }
  Result<void> remove(const std::string& name, const Preconditions& conditions = {}) {
    return deleteDomain(context_, name, name, conditions);
  }
  static std::string setting(const json::Object& domain, std::string_view name) {
    return json::write(*domain.find("settings")->find(name));
  }
  const Domain& corp() { return *context_.catalog->current()->findDomain("CORP"); }

  std::unique_ptr<CatalogWatch> other_catalog_;
  Context other_;
};

TEST_F(DomainsTest, NamesAreChecked) {
  struct Case {
    const char* name;
    ErrorKind kind;
  };
  for (const auto& look : {
           Case{"under_score", ErrorKind::kInvalidValue},
           Case{"FEDERATED", ErrorKind::kInvalidValue},
           Case{"federated-users", ErrorKind::kInvalidValue},
           Case{"", ErrorKind::kInvalidValue},
           Case{"1ST", ErrorKind::kInvalidValue},
           Case{"-A", ErrorKind::kInvalidValue},
           Case{"A/B", ErrorKind::kInvalidValue},
           Case{"A B", ErrorKind::kInvalidValue},
           Case{"\xc3\x84", ErrorKind::kInvalidValue},
           Case{"ABCDEFGHIJKLMNOPQRSTUVWXYZABCDE", ErrorKind::kInvalidValue},
           Case{"PRIMARY", ErrorKind::kUniqueness},
           Case{"primary", ErrorKind::kUniqueness},
           Case{"Corp", ErrorKind::kUniqueness},
       }) {
    SCOPED_TRACE(look.name);
    const auto made = create(json::write(json::Object{{"name", look.name}}));
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().kind, look.kind);
    EXPECT_EQ(made.error().attribute, "name");
  }
  for (const char* name : {"a", "Sales-2", "CONTROL", "ABCDEFGHIJKLMNOPQRSTUVWXYZABCD"}) {
    const auto made = create(json::write(json::Object{{"name", name}}));
    ASSERT_TRUE(made) << name << made.error().detail;
    EXPECT_EQ(*made->find("name")->string(), upperAscii(name));
    EXPECT_EQ(*made->find("state")->string(), "active");
  }
}

TEST_F(DomainsTest, WhatADocumentSaysIsCheckedBeforeAnythingIsMade) {
  for (const char* body :
       {"[]", "{}", R"({"name": 1})", R"({"name": "A", "description": 1})",
        R"({"name": "A", "unknown": 1})", R"({"name": "A", "settings": {"Unknown": "x"}})",
        R"({"name": "A", "settings": {"UsernameJavaRegEx": "("}})"}) {
    SCOPED_TRACE(body);
    EXPECT_FALSE(create(body));
  }
  EXPECT_EQ(count("control.domains"), 2U);
}

TEST_F(DomainsTest, OfTwoMadeAtOnceOneIsRefused) {
  auto theirs = std::async(std::launch::async, [&] {
    return createDomain(other_, migrations_, parsed(R"({"name": "NEW", "description": "theirs"})"));
  });
  const auto ours = create(R"({"name": "NEW", "description": "ours"})");
  const auto made = theirs.get();
  ASSERT_NE(ours.has_value(), made.has_value());
  EXPECT_EQ((ours ? made : ours).error().kind, ErrorKind::kUniqueness);
  must(catalog_->refresh());
  EXPECT_EQ(catalog_->current()->findDomain("NEW")->row.description, ours ? "ours" : "theirs");
}

TEST_F(DomainsTest, P4_R8_PrivilegedAttributesAreThoseThatClientsWrite) {
  const auto domain = must(change(R"({"settings": {"privilegedAttributes": ["ROLES", "externalId",
      "name.familyName", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
      "urn:ietf:params:scim:schemas:core:2.0:User:userType"], "privilegedGroups": ["a, b"]}})"));
  EXPECT_EQ(setting(domain, "privilegedGroups"), R"(["a, b"])");
  EXPECT_EQ(
      setting(must(change(R"({"settings": {"privilegedGroups": null}})")), "privilegedGroups"),
      "[]");
  const struct {
    const char* path;
    const char* reason;
  } cases[] = {
      {"rols", "no attribute"},
      {R"(roles[type eq \"x\"])", "no attribute"},
      {"name.middle", "no attribute"},
      {"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", "no attribute"},
      {"urn:ietf:params:scim:schemas:core:2.0:Group:displayName", "no attribute"},
      {"password", "credential"},
      {"groups", "privilegedGroups"},
      {"schemas", "follows"},
      {"id", "readOnly"},
      {"meta.version", "readOnly"},
      {"roles.value", "as a whole"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.path);
    const std::string settings =
        std::string(R"("settings": {"privilegedAttributes": ["roles", ")") + c.path + "\"]}";
    for (const auto& refused :
         {change("{" + settings + "}"), create(R"({"name": "NEW", )" + settings + "}")}) {
      ASSERT_FALSE(refused);
      EXPECT_EQ(refused.error().kind, ErrorKind::kInvalidValue);
      EXPECT_EQ(refused.error().code, "POL-1022");
      EXPECT_EQ(refused.error().attribute, "privilegedAttributes");
      const std::string& detail = refused.error().detail;
      EXPECT_TRUE(detail.starts_with("/privilegedAttributes/1: ")) << detail;
      EXPECT_NE(detail.find(c.reason), std::string::npos) << detail;
    }
  }
}

TEST_F(DomainsTest, ChangeByMerging) {
  const auto changed = must(change(
      R"({"description": "new", "settings": {"ReadOnly": true, "UsernameJavaRegEx": "^[a-z]+$"}})"));
  EXPECT_EQ(*changed.find("description")->string(), "new");
  EXPECT_EQ(setting(changed, "ReadOnly"), "true");
  const auto back = must(change(R"({"settings": {"UsernameJavaRegEx": null}})"));
  EXPECT_EQ(setting(back, "UsernameJavaRegEx"),
            json::write(*policy::PolicySettings::secondaryDefaults().get("UsernameJavaRegEx")));
  EXPECT_EQ(setting(back, "ReadOnly"), "true");
  EXPECT_EQ(*back.find("description")->string(), "new");

  const auto kind = [&](const std::string& patch, std::string_view name = "CORP") {
    return change(patch, {}, name).error().kind;
  };
  EXPECT_EQ(kind("[]"), ErrorKind::kInvalidSyntax);
  EXPECT_EQ(kind(R"({"name": "OTHER"})"), ErrorKind::kInvalidValue);
  EXPECT_EQ(kind(R"({"settings": {"Unknown": null}})"), ErrorKind::kInvalidValue);
  EXPECT_EQ(kind(R"({"settings": {"RolenameJavaRegEx": "("}})"), ErrorKind::kInvalidValue);
  EXPECT_EQ(kind(R"({"settings": {"Disabled": true}})", "PRIMARY"), ErrorKind::kConflict);
  EXPECT_EQ(changeDomain(context_, DomainNumber(99), parsed("{}"), {}).error().kind,
            ErrorKind::kNotFound);
}

TEST_F(DomainsTest, AnEqualChangeChangesNothing) {
  must(change(R"({"description": "x"})"));
  const auto before = corp().row.version;
  const auto revision = catalog_->current()->revision();
  for (const char* patch : {"{}", R"({"description": "x"})", R"({"settings": {}})",
                            R"({"settings": {"ReadOnly": false}})"}) {
    must(change(patch));
  }
  EXPECT_EQ(corp().row.version, before);
  must(catalog_->refresh());
  EXPECT_EQ(catalog_->current()->revision(), revision);
}

TEST_F(DomainsTest, AChangeMeetsWhatOtherProcessesChanged) {
  const auto theirs = [&](const std::string& patch) {
    must(changeDomain(other_, numberOf(other_, "CORP"), parsed(patch), {}));
  };
  theirs(R"({"description": "theirs"})");
  const auto ours = must(change(R"({"settings": {"ReadOnly": true}})"));
  EXPECT_EQ(*ours.find("description")->string(), "theirs");
  EXPECT_EQ(corp().row.version, Version(3));

  EXPECT_EQ(change("{}", ifMatch(2)).error().kind, ErrorKind::kVersionMismatch);
  theirs(R"({"description": "again"})");
  EXPECT_EQ(change("{}", ifMatch(3)).error().kind, ErrorKind::kVersionMismatch);
  auto several = ifMatch(1);
  several.if_match.emplace_back("\"4\"");
  EXPECT_TRUE(change(R"({"description": "ours"})", several));
}

TEST_F(DomainsTest, TheCaseRuleIsSetOnce) {
  const bool rule = corp().policy.settings().case_insensitive_username;
  const std::string same = rule ? "true" : "false";
  const std::string other = rule ? "false" : "true";
  const auto refused = change(R"({"settings": {"CaseInsensitiveUsername": )" + other + "}}");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kConflict);
  EXPECT_TRUE(change(R"({"settings": {"CaseInsensitiveUsername": )" + same + "}}"));
  const auto made =
      must(create(R"({"name": "B", "settings": {"CaseInsensitiveUsername": )" + other + "}}"));
  EXPECT_EQ(setting(made, "CaseInsensitiveUsername"), other);
  // Its default is the other one, so that to go back to it is a change as well.
  EXPECT_FALSE(change(R"({"settings": {"CaseInsensitiveUsername": null}})", {}, "B"));
}

TEST_F(DomainsTest, SettingsThatCannotBeUsedCloseTheDomainAndCanBeMended) {
  const auto store = [&](const std::string& name, const std::string& settings) {
    onlooker_.run("UPDATE " + prefix_ + "_control.domains SET settings = '" + settings +
                  "' WHERE name = '" + name + "'");
    must(catalog_->refresh());
  };
  for (const char* broken :
       {R"({"UsernameJavaRegEx":"(","CaseInsensitiveUsername":true,"RolenameJavaRegEx":"^r$"})",
        R"({"UsernameJavaRegEx":7,"CaseInsensitiveUsername":true,"RolenameJavaRegEx":"^r$"})"}) {
    for (const char* name : {"PRIMARY", "CORP"}) {
      SCOPED_TRACE(std::string(name) + broken);
      store(name, broken);
      const auto* domain = catalog_->current()->findDomain(name);
      EXPECT_TRUE(domain->policy.settings().read_only);
      EXPECT_TRUE(domain->policy.settings().case_insensitive_username);

      EXPECT_FALSE(change(R"({"description": "x"})", {}, name)) << "nothing is stored over it";
      const auto mended = must(change(R"({"settings": {"UsernameJavaRegEx": "^u$"}})", {}, name));
      EXPECT_EQ(setting(mended, "UsernameJavaRegEx"), R"("^u$")");
      EXPECT_EQ(setting(mended, "RolenameJavaRegEx"), R"("^r$")");
      EXPECT_EQ(setting(mended, "CaseInsensitiveUsername"), "true");
      EXPECT_EQ(setting(mended, "ReadOnly"), "false");
    }
  }
  // A setting that this version does not know can be taken out by its name.
  store("CORP", R"({"Later":1})");
  EXPECT_FALSE(change(R"({"description": "x"})"));
  EXPECT_TRUE(change(R"({"settings": {"Later": null}})"));
}

TEST_F(DomainsTest, DeletionAsksForTheNameAgain) {
  for (const char* confirmation : {"", "COR", "CORP ", "PRIMARY"}) {
    const auto refused = deleteDomain(context_, "CORP", confirmation, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::kInvalidValue);
  }
  EXPECT_EQ(remove("PRIMARY").error().kind, ErrorKind::kConflict);
  EXPECT_EQ(remove("NOWHERE").error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(remove("CORP", ifMatch(7)).error().kind, ErrorKind::kVersionMismatch);
  EXPECT_TRUE(deleteDomain(context_, "corp", "Corp", ifMatch(1)));
  EXPECT_EQ(remove("CORP").error().kind, ErrorKind::kNotFound);
}

TEST_F(DomainsTest, DeletionIsRefusedWhileAnIdentityProviderPointsHere) {
  const auto refusal = [&] { return remove("CORP").error(); };
  settings(R"("jit": {"userstore": "corp"})", "by-userstore");
  EXPECT_EQ(refusal().kind, ErrorKind::kConflict);
  EXPECT_NE(refusal().detail.find("by-userstore"), std::string::npos);
  settings(R"("roles": {"mappings": [{"idpRole": "a", "localRole": "CORP/admins"}]})", "by-role");
  must(providers_->remove("by-userstore"));
  EXPECT_NE(refusal().detail.find("by-role"), std::string::npos);
  settings(R"("jit": {"userstore": "As in username"})", "by-role");
  EXPECT_TRUE(remove("CORP"));
}

TEST_F(DomainsTest, DeletionSeesIdentityProvidersThatTheCatalogDoesNotKnowYet) {
  settings(R"("jit": {"userstore": "CORP"})");
  const auto deleted = deleteDomain(other_, "CORP", "CORP", {});
  ASSERT_FALSE(deleted);
  EXPECT_EQ(deleted.error().kind, ErrorKind::kConflict);
}

TEST_F(DomainsTest, WhatIsHalfMadeOrHalfDeletedIsShownAndCanBeDeleted) {
  for (const char* state : {"creating", "deleting"}) {
    must(create(R"({"name": "HALF"})"));
    onlooker_.run("UPDATE " + prefix_ + "_control.domains SET state = '" + state +
                  "' WHERE name = 'HALF'");
    must(catalog_->refresh());
    const auto catalog = catalog_->current();
    EXPECT_EQ(catalog->findDomain("HALF"), nullptr);
    ASSERT_EQ(catalog->unfinishedDomains().size(), 1U);
    const auto shown = describeUnfinishedDomain(catalog->unfinishedDomains().front());
    EXPECT_EQ(*shown.find("state")->string(), state);
    EXPECT_TRUE(remove("half"));
    EXPECT_TRUE(catalog_->current()->unfinishedDomains().empty());
  }
}

TEST_F(DomainsTest, ADomainMadeAgainIsOutOfReachForWhoKnewTheFirst) {
  const auto old_token = must(
      createToken(context_, {"t", "scim:read scim:write", std::vector<std::string>{"corp"}, {}}));
  must(other_.catalog->refresh());
  const auto at = now();
  const auto stale = other_.catalog->current();
  const auto* stale_principal = stale->findPrincipal(old_token.row.sha256, at);
  ASSERT_NE(stale_principal, nullptr);
  EXPECT_TRUE(stale_principal->sees(stale->findDomain("CORP")->tables().number));

  must(remove("CORP"));
  must(create(R"({"name": "CORP"})"));
  const auto current = context_.catalog->current();
  const auto* principal = current->findPrincipal(old_token.row.sha256, at);
  ASSERT_NE(principal, nullptr);
  EXPECT_FALSE(principal->all_domains);
  EXPECT_FALSE(principal->sees(current->findDomain("CORP")->tables().number));

  // And a process that has not heard of it yet writes nowhere.
  auto view = must(View::ofDomain(stale, *stale_principal, "https://h.example", "CORP"));
  const auto written = createUser(
      other_, view,
      parsed(R"({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "stray"})"),
      {});
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, ErrorKind::kUnavailable);
  EXPECT_EQ(onlooker_.number("SELECT COUNT(*) FROM " + prefix_ + "_corp_3.users"), 0U);
}

}  // namespace
}  // namespace vestibule::directory
