#include "store/consent_purpose_store.h"

#include "contract/store/control_fixture.h"
#include "support/hostile_texts.h"

namespace vestibule::store::test {
namespace {

class ConsentPurposeStoreTest : public ControlTest {
 protected:
  Result<ConsentPurposeRow> insert(const std::string& name,
                                   const ConsentPurposeText& text = {"{}", "{}"}) {
    auto version =
        write([&](Session& session) { return nextPurposeVersion(session, control_, name); });
    if (!version) return propagate(version);
    return write([&](Session& session) {
      return insertConsentPurpose(session, control_, name, *version, text, {"cli"});
    });
  }
  Result<ConsentPurposeRow> update(const std::string& name, std::uint32_t expected,
                                   const ConsentPurposeText& text) {
    return write([&](Session& session) {
      return updateConsentPurpose(session, control_, name, expected, text, {"token:ops"});
    });
  }
  Result<void> remove(const std::string& name, std::optional<std::uint32_t> expected = {}) {
    return write(
        [&](Session& session) { return deleteConsentPurpose(session, control_, name, expected); });
  }
  /// `version by settings` of each, newest first.
  std::vector<std::string> versions(ConsentPurposeNumber number) {
    const auto kept = database_->read(
        [&](Session& session) { return consentPurposeVersions(session, control_, number); });
    std::vector<std::string> lines;
    for (const auto& one : kept.value()) {
      lines.push_back(std::to_string(one.version) + " " + one.changed_by + " " + one.text.settings);
    }
    return lines;
  }
};

TEST_F(ConsentPurposeStoreTest, TheBuiltInPurposeIsThereAndStays) {
  const auto rows = controlRows().consent_purposes;
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].number, kDefaultPurposeNumber);
  EXPECT_EQ(rows[0].name, "DEFAULT");
  EXPECT_EQ(rows[0].version, 1U);
  EXPECT_EQ(rows[0].text.terms, R"({"":1})");
  EXPECT_GT(rows[0].created, 1'700'000'000'000'000);
  EXPECT_EQ(versions(1).size(), 1U);
  EXPECT_EQ(remove("DEFAULT").error().kind, ErrorKind::kConflict);
  EXPECT_EQ(controlRows().consent_purposes.size(), 1U);
}

TEST_F(ConsentPurposeStoreTest, ASecondRunOfTheMigrationLeavesTheBuiltInPurposeAsItIs) {
  ASSERT_TRUE(update("DEFAULT", 1, {"changed", "{}"}));
  operator_.run("DELETE FROM " + control_ + ".migrations");
  ASSERT_TRUE(migrate(*database_, migrations_, "{}"));
  EXPECT_EQ(controlRows().consent_purposes.at(0).text.settings, "changed");
  EXPECT_EQ(controlRows().consent_purposes.at(0).version, 2U);
}

TEST_F(ConsentPurposeStoreTest, APurposeIsStoredChangedAndDeletedAndItsVersionsStay) {
  const auto before = revision();
  const auto made = insert("mail", {"one", "terms"});
  ASSERT_TRUE(made) << made.error().internal;
  EXPECT_EQ(made->version, 1U);
  EXPECT_EQ(revision(), before + 1);
  EXPECT_EQ(insert("mail").error().kind, ErrorKind::kUniqueness);
  EXPECT_EQ(update("mail", 2, {"two", ""}).error().kind, ErrorKind::kVersionMismatch);
  const auto changed = update("mail", 1, {"two", "terms"});
  ASSERT_TRUE(changed) << changed.error().internal;
  EXPECT_EQ(changed->version, 2U);
  EXPECT_EQ(changed->created, made->created);
  EXPECT_EQ(changed->number, made->number);
  const auto stored = controlRows().consent_purposes.back();
  EXPECT_EQ(stored.name, "mail");
  EXPECT_EQ(stored.text.settings, "two");
  EXPECT_EQ(stored.version, 2U);
  EXPECT_EQ(remove("mail", 1).error().kind, ErrorKind::kVersionMismatch);
  ASSERT_TRUE(remove("mail", 2));
  EXPECT_EQ(remove("mail").error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(update("mail", 2, {"x", ""}).error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(versions(made->number), (std::vector<std::string>{"2 token:ops two", "1 cli one"}));
  EXPECT_EQ(revision(), before + 3);
}

TEST_F(ConsentPurposeStoreTest, ANameGoesOnCountingUnderAnotherNumber) {
  const auto first = insert("mail");
  ASSERT_TRUE(first && update("mail", 1, {"two", ""}) && remove("mail"));
  const auto second = insert("mail");
  ASSERT_TRUE(second) << second.error().internal;
  EXPECT_NE(second->number, first->number);
  EXPECT_EQ(second->version, 3U);
  // A version that the name has had already is given to nobody.
  ASSERT_TRUE(remove("mail"));
  EXPECT_EQ(write([&](Session& session) {
              return insertConsentPurpose(session, control_, "mail", 3, {"x", ""}, {"cli"});
            })
                .error()
                .kind,
            ErrorKind::kVersionMismatch);
  EXPECT_EQ(controlRows().consent_purposes.size(), 1U);
}

TEST_F(ConsentPurposeStoreTest, NamesAndTextsComeBackAsTheyAre) {
  for (const auto& text : vestibule::test::hostileTexts()) {
    if (text.size() > 255) continue;
    SCOPED_TRACE(testing::PrintToString(text));
    const auto made = insert(text, {text, text});
    ASSERT_TRUE(made) << made.error().internal;
    const auto stored = controlRows().consent_purposes.back();
    EXPECT_EQ(stored.name, text);
    EXPECT_EQ(stored.text.settings, text);
    EXPECT_EQ(stored.text.terms, text);
    ASSERT_TRUE(remove(text));
  }
}

TEST_F(ConsentPurposeStoreTest, WhatSettingsOfIdentityProvidersNameIsThereAndStays) {
  ASSERT_TRUE(insert("mail"));
  const auto provider = [&](const std::string& name, std::vector<std::string> purposes) {
    return write([&](Session& session) {
      return insertIdentityProvider(session, control_, name, "{}",
                                    {{DomainName("PRIMARY")}, std::move(purposes)}, {"cli"});
    });
  };
  const auto unknown = provider("okta", {"mail", "gone"});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().kind, ErrorKind::kInvalidValue);
  EXPECT_NE(unknown.error().detail.find("consent purpose"), std::string::npos);
  ASSERT_TRUE(provider("okta", {"mail", "DEFAULT"}));
  const auto used = remove("mail");
  ASSERT_FALSE(used);
  EXPECT_EQ(used.error().kind, ErrorKind::kConflict);
  EXPECT_NE(used.error().detail.find("okta"), std::string::npos);
  ASSERT_TRUE(write([&](Session& session) {
    return updateIdentityProvider(session, control_, "okta", Version(1), "{}", {{}, {"DEFAULT"}},
                                  {"cli"});
  }));
  EXPECT_TRUE(remove("mail"));
}

}  // namespace
}  // namespace vestibule::store::test
