// The outcome matrix of the reference product, row by row, with what each case comes to here
// (docs/differences-from-wso2.md).

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "contract/jit/jit_test.h"

namespace vestibule::jit {
namespace {

struct Row {
  const char* name;
  const char* linked;       ///< `yes`, `gone` or `no`
  bool same_name;           ///< somebody in the domain has the name
  const char* scheme;       ///< what is behind PROMPT_, or `silent`
  int matches;              ///< of the link rule; -1: associateLocalUser is off
  bool skip;                ///< skipJITForLookupFailure
  const char* outcome;      ///< or the code
  std::uint64_t new_users;  ///< that the login makes
};

class OutcomeMatrix : public test::JitTest, public ::testing::WithParamInterface<Row> {
 protected:
  void apply(const std::string& scheme, bool associate, bool skip) {
    const std::string word = scheme == "silent" ? "PROVISION_SILENTLY" : "PROMPT_" + scheme;
    jitSettings(R"("userstore": "CORP", "scheme": ")" + word + R"(", "associateLocalUser": )" +
                (associate ? "true" : "false") +
                R"(, "accountLookupAttributeMappings": [{"federatedAttribute": "number",
      "localAttribute": "externalId"}], "skipJITForLookupFailure": )" +
                (skip ? "true" : "false"));
  }
};

TEST_P(OutcomeMatrix, ComesToWhatWeDecided) {
  const Row& row = GetParam();
  constexpr const char* kZoe = R"({"uid": "zoe", "number": "4711", "title": "Dr"})";
  if (row.linked != std::string("no")) {
    apply("silent", false, false);
    const auto first = login("s-1", R"({"uid": "zoe", "number": "4711"})");
    if (row.linked == std::string("gone")) scimDelete(idOf(first));
  }
  if (row.same_name) scimUser(R"("userName": "CORP/zoe")");
  for (int i = 0; i < row.matches; ++i) {
    scimUser(R"("externalId": "4711", "userName": "CORP/other)" + std::to_string(i) + "\"");
  }
  apply(row.scheme, row.matches >= 0, row.skip);
  const auto users = count("corp.users");
  const auto links = count("control.federated_identities");
  const auto result = login("s-1", kZoe);
  EXPECT_EQ(outcome(result), row.outcome);
  EXPECT_EQ(count("corp.users") - users, row.new_users);
  const bool settled =
      row.outcome == std::string("created") || row.outcome == std::string("linked");
  if (row.linked == std::string("no")) {
    EXPECT_EQ(count("control.federated_identities") - links, settled ? 1 : 0);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Reference, OutcomeMatrix,
    ::testing::Values(
        Row{"LinkedIsUpdated", "yes", false, "silent", -1, false, "updated", 0},
        Row{"LinkedIsUpdatedWithRules", "yes", false, "silent", 1, false, "updated", 0},
        Row{"LinkedIsAskedForConsent", "yes", false, "CONSENT", -1, false, "prompt", 0},
        Row{"LinkedToNobodyAnyMoreIsMadeAnew", "gone", false, "silent", -1, false, "created", 1},
        Row{"LinkedToNobodyAnyMoreIsAsked", "gone", false, "CONSENT", -1, false, "prompt", 0},
        Row{"NewIsCreated", "no", false, "silent", -1, false, "created", 1},
        Row{"NoMatchIsCreated", "no", false, "silent", 0, false, "created", 1},
        Row{"NoMatchIsSkipped", "no", false, "silent", 0, true, "skipped", 0},
        Row{"OneMatchIsLinked", "no", false, "silent", 1, false, "linked", 0},
        Row{"OneMatchIsLinkedWhoeverHasTheName", "no", true, "silent", 1, false, "linked", 0},
        Row{"SeveralMatchesAreRefused", "no", false, "silent", 2, false, "JIT-1402", 0},
        Row{"ATakenNameIsRefused80018", "no", true, "silent", -1, false, "JIT-1203", 0},
        Row{"NewIsAsked", "no", false, "USERNAME_PASSWORD_CONSENT", -1, false, "prompt", 0},
        Row{"ATakenFixedNameIsRefusedBeforeAnybodyIsAsked", "no", true, "PASSWORD_CONSENT", -1,
            false, "JIT-1203", 0},
        Row{"ATakenNameIsAskedFor", "no", true, "USERNAME_PASSWORD_CONSENT", -1, false, "prompt",
            0},
        Row{"OneMatchIsAskedForConsent", "no", false, "CONSENT", 1, false, "prompt", 0},
        Row{"NoMatchIsSkippedUnasked", "no", false, "CONSENT", 0, true, "skipped", 0},
        Row{"SeveralMatchesAreRefusedUnasked", "no", false, "CONSENT", 2, false, "JIT-1402", 0}),
    [](const auto& row) { return std::string(row.param.name); });

TEST_F(OutcomeMatrix, DisabledUsersAreRefused17004) {
  apply("silent", false, false);
  const auto first = login("s-1", R"({"uid": "zoe"})");
  scimPatch(idOf(first), R"({"op": "replace", "path": "active", "value": false})");
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "zoe", "title": "Dr"})")), "JIT-1401");
}

}  // namespace
}  // namespace vestibule::jit
