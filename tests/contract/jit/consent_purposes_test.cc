#include "jit/consent_purposes.h"

#include <gtest/gtest.h>

#include <thread>

#include "contract/jit/jit_test.h"

namespace vestibule::jit {
namespace {

constexpr const char* kTexts = R"("texts": {"en": {"title": "T", "description": "D"}})";

class ConsentPurposesTest : public test::JitTest {
 protected:
  /// Applies `{"name": name, texts, members}`.
  Result<AppliedConsentPurpose> apply(const std::string& name, const std::string& members = "",
                                      const PurposeChange& change = {}) {
    return purposes_.apply(test::parsed(R"({"name": ")" + name + "\", " + kTexts +
                                        (members.empty() ? "" : ", " + members) + "}"),
                           change);
  }
  std::shared_ptr<const ConsentPurpose> find(const std::string& name) {
    return must(purposes_.find(*catalog_->current(), name));
  }
  static PurposeChange withIfMatch(std::uint64_t version) {
    PurposeChange change;
    change.conditions = ifMatch(version);
    return change;
  }

  ConsentPurposes purposes_{context_};
};

TEST_F(ConsentPurposesTest, TheBuiltInOneCanBeUsedAndReworded) {
  const auto built_in = find("DEFAULT");
  EXPECT_EQ(built_in->number, 1U);
  ASSERT_EQ(built_in->attributes.size(), 1U);
  EXPECT_EQ(built_in->attributes[0].path.text(), "");
  EXPECT_EQ(textIn(*built_in, "de").first, "de");
  EXPECT_EQ(textIn(*built_in, "en").first, "en");
  // Stored in the canonical form: the same settings again change nothing.
  const auto same = must(purposes_.apply(must(purposes_.get("DEFAULT")).document));
  EXPECT_EQ(same.view.version, Version(1));
  EXPECT_EQ(must(apply("DEFAULT")).view.version, Version(2));
  EXPECT_EQ(find("DEFAULT")->attributes[0].since, 2U);
  EXPECT_EQ(purposes_.remove("DEFAULT").error().kind, ErrorKind::kConflict);
}

TEST_F(ConsentPurposesTest, AreCreatedReplacedAndLeftAlone) {
  const auto made = must(apply("mail", R"("attributes": [{"attribute": "emails"}])"));
  EXPECT_TRUE(made.created);
  EXPECT_EQ(made.view.version, Version(1));
  EXPECT_EQ(must(apply("mail", R"("attributes": [{"attribute": "EMAILS"}])")).view.version,
            Version(1));
  const auto changed =
      must(apply("mail", R"("attributes": [{"attribute": "emails"}, {"attribute": "title"}])"));
  EXPECT_FALSE(changed.created);
  EXPECT_EQ(changed.view.version, Version(2));
  const auto compiled = find("mail");
  EXPECT_EQ(compiled->version, 2U);
  EXPECT_EQ(compiled->attributes[0].since, 1U);
  EXPECT_EQ(compiled->attributes[1].since, 2U);
  EXPECT_EQ(purposes_.create(changed.view.document).error().kind, ErrorKind::kUniqueness);
}

TEST_F(ConsentPurposesTest, KeepEveryVersionWithWhatItAsksAgainFor) {
  must(apply("mail", R"("attributes": [{"attribute": "emails"}])"));
  PurposeChange change;
  change.author = {"o", "ops", "r"};
  must(apply("mail", R"("attributes": [{"attribute": "emails"}, {"attribute": "title"}])", change));
  change.editorial = true;
  must(purposes_.patch(
      "mail", test::parsed(R"({"texts": {"de": {"title": "t", "description": "b"}}})"), change));
  const auto versions = must(purposes_.versions("mail"));
  ASSERT_EQ(versions.size(), 3U);
  const auto shown = [&](std::size_t i, std::string_view key) {
    return json::write(*describe(versions[i]).find(key));
  };
  EXPECT_EQ(shown(0, "asksAgain"), "[]");
  EXPECT_EQ(shown(1, "asksAgain"), R"(["title"])");
  EXPECT_EQ(shown(2, "asksAgain"), R"(["emails"])");
  EXPECT_EQ(shown(0, "version"), "3");
  EXPECT_EQ(shown(1, "by"), R"("token:ops")");
  EXPECT_EQ(shown(2, "by"), R"("cli")");
  EXPECT_EQ(describe(versions[0]).find("settings")->find("name")->string()->size(), 4U);
  EXPECT_EQ(purposes_.versions("gone").error().kind, ErrorKind::kNotFound);
}

TEST_F(ConsentPurposesTest, ArePatchedByMergingAndProtectedByTheirVersion) {
  EXPECT_EQ(apply("mail", "", withIfMatch(1)).error().kind, ErrorKind::kVersionMismatch);
  must(apply("mail"));
  const auto kind = [&](std::string_view patch, const PurposeChange& change = {}) {
    return purposes_.patch("mail", test::parsed(patch), change).error().kind;
  };
  EXPECT_EQ(kind(R"({"name": "other"})"), ErrorKind::kMutability);
  EXPECT_EQ(kind(R"({"texts": null})"), ErrorKind::kInvalidValue);
  EXPECT_EQ(kind("[]"), ErrorKind::kInvalidSyntax);
  EXPECT_EQ(kind("{}", withIfMatch(2)), ErrorKind::kVersionMismatch);
  EXPECT_EQ(purposes_.patch("gone", test::parsed("{}")).error().kind, ErrorKind::kNotFound);
  const auto changed = must(purposes_.patch(
      "mail", test::parsed(R"({"attributes": [{"attribute": "emails"}]})"), withIfMatch(1)));
  EXPECT_EQ(changed.version, Version(2));
  EXPECT_EQ(purposes_.remove("mail", ifMatch(1)).error().kind, ErrorKind::kVersionMismatch);
  must(purposes_.remove("mail", ifMatch(2)));
  EXPECT_EQ(purposes_.get("mail").error().kind, ErrorKind::kNotFound);
}

TEST_F(ConsentPurposesTest, ThatSettingsNameMustBeThereAndStay) {
  const auto names = [&](const std::string& purposes) {
    return providers_->apply(
        test::parsed(R"({"name": "idp", "jit": {"isEnabled": true, "consent": {"purposes": )" +
                     purposes + "}}}"));
  };
  for (const char* bad : {R"(["gone"])", "[]", R"(["DEFAULT", "DEFAULT"])", R"([""])",
                          R"("DEFAULT")", R"(["default"])"}) {
    const auto refused = names(bad);
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().kind, ErrorKind::kInvalidValue);
    EXPECT_NE(refused.error().detail.find("/jit/consent/purposes"), std::string::npos)
        << refused.error().detail;
  }
  must(apply("mail"));
  must(names(R"(["mail", "DEFAULT"])"));
  EXPECT_EQ(purposes_.remove("mail").error().kind, ErrorKind::kConflict);
  must(names(R"(["DEFAULT"])"));
  must(purposes_.remove("mail"));
}

TEST_F(ConsentPurposesTest, AreCompiledOnceForEachVersion) {
  must(apply("mail"));
  const auto first = find("mail");
  EXPECT_EQ(find("mail"), first);
  must(purposes_.patch("mail", test::parsed(R"({"attributes": [{"attribute": "emails"}]})")));
  EXPECT_NE(find("mail"), first);
  EXPECT_EQ(purposes_.find(*catalog_->current(), "gone").error().code, "JIT-1005");
  onlooker_.run("UPDATE " + prefix_ +
                "_control.consent_purposes SET version = 9, settings = '{}' WHERE name = 'mail'");
  must(catalog_->refresh());
  EXPECT_EQ(purposes_.find(*catalog_->current(), "mail").error().code, "JIT-1005");
}

TEST_F(ConsentPurposesTest, OfRacingChangesEachIsAVersion) {
  must(apply("mail"));
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&, i] {
      const std::string title = "title " + std::to_string(i);
      const auto changed = purposes_.patch(
          "mail", test::parsed(R"({"texts": {"en": {"title": ")" + title + "\"}}}"));
      EXPECT_TRUE(changed) << changed.error().detail;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(must(purposes_.get("mail")).version, Version(4));
  EXPECT_EQ(must(purposes_.versions("mail")).size(), 4U);
}

}  // namespace
}  // namespace vestibule::jit
