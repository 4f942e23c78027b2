#include "directory/self_service.h"

#include <gtest/gtest.h>

#include "json/parse.h"

namespace vestibule::directory {
namespace {

json::Object object(const std::string& members) {
  auto value = json::parse("{" + members + "}");
  if (!value) throw std::runtime_error(value.error().detail + ": " + members);
  return *value->object();
}

Principal holder(std::initializer_list<Scope> scopes) {
  Principal principal;
  for (const Scope scope : scopes) {
    principal.scopes =
        static_cast<std::uint8_t>(principal.scopes | static_cast<std::uint8_t>(scope));
  }
  return principal;
}

/// The attribute whose change is refused; empty when it is not.
std::string refused(const std::string& before, const std::string& after,
                    const Principal& principal = holder({Scope::kMeWrite})) {
  const auto may = checkSelfServiceWrite(principal, object(before), object(after));
  if (may) return "";
  EXPECT_EQ(may.error().kind, ErrorKind::kForbidden);
  EXPECT_NE(may.error().detail.find(may.error().attribute == "active" ? "" : may.error().attribute),
            std::string::npos)
      << may.error().detail;
  return may.error().attribute;
}

constexpr const char* kStored =
    R"("schemas":["User"],"userName":"ann","externalId":"7","active":true,"title":"Dr",
       "emails":[{"value":"a@x.org"}],"roles":[{"value":"r"}],"displayName":"Ann",
       "urn:x:Enterprise":{"department":"d","manager":{"value":"m"}})";

std::string storedBut(const std::string& from, const std::string& to) {
  std::string text = kStored;
  const auto at = text.find(from);
  if (at == std::string::npos) throw std::runtime_error("not stored: " + from);
  return text.replace(at, from.size(), to);
}

TEST(SelfService, WhatIsOnesOwnMayBeChanged) {
  EXPECT_EQ(refused(kStored, kStored), "");
  for (const char* own :
       {R"("displayName":"Anna")", R"("name":{"givenName":"Anna"})", R"("nickName":"A")",
        R"("profileUrl":"https://x.org/a")", R"("preferredLanguage":"de")", R"("locale":"de-DE")",
        R"("timezone":"Europe/Berlin")", R"("phoneNumbers":[{"value":"1"}])",
        R"("ims":[{"value":"1"}])", R"("photos":[{"value":"https://x.org/p"}])",
        R"("addresses":[{"locality":"Ulm"}])"}) {
    SCOPED_TRACE(own);
    EXPECT_EQ(refused(kStored, storedBut(R"("displayName":"Ann")", own)), "");
    EXPECT_EQ(refused(storedBut(R"("displayName":"Ann")", own), kStored), "");
  }
}

TEST(SelfService, WhatIsNotIsRefusedByName) {
  const struct {
    const char* from;
    const char* to;
    const char* attribute;
  } cases[] = {
      {R"("userName":"ann")", R"("userName":"Ann")", "userName"},
      {R"("externalId":"7")", R"("externalId":"8")", "externalId"},
      {R"("externalId":"7",)", "", "externalId"},
      {R"("active":true)", R"("active":false)", "active"},
      {R"("active":true,)", "", "active"},
      {R"("title":"Dr")", R"("title":"Prof")", "title"},
      {R"("title":"Dr")", R"("title":"Dr","userType":"Boss")", "userType"},
      {R"("emails":[{"value":"a@x.org"}])", R"("emails":[{"value":"b@x.org"}])", "emails"},
      {R"("roles":[{"value":"r"}])", R"("roles":[{"value":"r"},{"value":"s"}])", "roles"},
      {R"("roles":[{"value":"r"}],)", "", "roles"},
      {R"("title":"Dr")", R"("title":"Dr","entitlements":[{"value":"e"}])", "entitlements"},
      {R"("title":"Dr")", R"("title":"Dr","x509Certificates":[{"value":"AA=="}])",
       "x509Certificates"},
      {R"("title":"Dr")", R"("title":"Dr","unheardOf":1)", "unheardOf"},
      {R"("department":"d")", R"("department":"e")", "urn:x:Enterprise:department"},
      {R"("department":"d",)", "", "urn:x:Enterprise:department"},
      {R"({"value":"m"})", R"({"value":"n"})", "urn:x:Enterprise:manager"},
      {R"(,
       "urn:x:Enterprise":{"department":"d","manager":{"value":"m"}})",
       "", "urn:x:Enterprise:department"},
      {R"("schemas":["User"])", R"("schemas":["User"],"urn:y:More":{"z":1})", "urn:y:More:z"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(std::string(c.from) + " -> " + c.to);
    EXPECT_EQ(refused(kStored, storedBut(c.from, c.to)), c.attribute);
    // What may write for all may write for itself.
    EXPECT_EQ(
        refused(kStored, storedBut(c.from, c.to), holder({Scope::kMeWrite, Scope::kScimWrite})),
        "");
  }
}

TEST(SelfService, ADeactivatedUserDoesNothing) {
  const std::string off = storedBut(R"("active":true)", R"("active":false)");
  EXPECT_EQ(refused(off, off), "active");
  EXPECT_EQ(refused(off, kStored), "active");
  EXPECT_EQ(refused(off, kStored, holder({Scope::kScimWrite, Scope::kMeRead})), "");

  const auto reads = [&](const std::string& user, std::initializer_list<Scope> scopes) {
    return checkSelfServiceRead(holder(scopes), object(user)).has_value();
  };
  EXPECT_FALSE(reads(off, {Scope::kMeRead}));
  EXPECT_FALSE(reads(off, {Scope::kMeRead, Scope::kMeWrite, Scope::kScimWrite}));
  EXPECT_TRUE(reads(off, {Scope::kMeRead, Scope::kScimRead}));
  EXPECT_TRUE(reads(kStored, {Scope::kMeRead}));
  EXPECT_TRUE(reads(R"("userName":"ann")", {Scope::kMeRead}));
}

TEST(SelfService, NobodyDeletesThemself) {
  EXPECT_FALSE(checkSelfServiceDelete(holder({Scope::kMeRead, Scope::kMeWrite, Scope::kScimRead})));
  EXPECT_TRUE(checkSelfServiceDelete(holder({Scope::kMeWrite, Scope::kScimWrite})));
}

}  // namespace
}  // namespace vestibule::directory
