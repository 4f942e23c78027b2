// parse(print(x)) means what x means, on filters and users made at random from a fixed seed.

#include <gtest/gtest.h>

#include <random>

#include "json/write.h"
#include "scim/filter/filter.h"
#include "support/scim_schemas.h"

namespace vestibule::scim {
namespace {

using test::schemas;

class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  std::string filter(int depth) {
    switch (depth <= 0 ? pick(3) : pick(8)) {
      case 0:
      case 1:
        return term();
      case 2:
        return pick(2) == 0 ? valuePath() : term();
      case 3:
      case 4:
        return filter(depth - 1) + " and " + filter(depth - 1);
      case 5:
        return filter(depth - 1) + " or " + filter(depth - 1);
      case 6:
        return "not (" + filter(depth - 1) + ")";
      default:
        return "(" + filter(depth - 1) + ")";
    }
  }

  json::Object user() {
    json::Object user;
    user.set("userName", word());
    if (pick(2) == 0) user.set("title", word());
    if (pick(2) == 0) user.set("externalId", word());
    if (pick(2) == 0) user.set("active", pick(2) == 0);
    if (pick(2) == 0) user.set("name", json::Object{{"familyName", word()}, {"givenName", word()}});
    json::Array emails;
    for (std::size_t i = pick(4); i > 0; --i) {
      json::Object email{{"value", word()}};
      if (pick(2) == 0) email.set("type", pick(2) == 0 ? "work" : "home");
      if (pick(3) == 0) email.set("primary", pick(2) == 0);
      emails.emplace_back(std::move(email));
    }
    if (!emails.empty()) user.set("emails", std::move(emails));
    if (pick(2) == 0) user.set(kEnterprise, json::Object{{"employeeNumber", word()}});
    if (pick(2) == 0) {
      user.set("meta", json::Object{{"created", pick(2) == 0 ? "2026-01-01T00:00:00Z"
                                                             : "2025-06-01T12:00:00+02:00"}});
    }
    return user;
  }

 private:
  static constexpr const char* kEnterprise =
      "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

  static constexpr const char* kEmployeeNumber =
      "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber";

  std::size_t pick(std::size_t below) { return random_() % below; }

  std::string word() {
    static const char* const kWords[] = {"a",    "A",  "b",      "ab",      "Ab c", "stra\u00dfe",
                                         "work", "aa", "\u00c9", "q\"uote", "x]y",  "100%_",
                                         "and",  "c",  "null",   "\\",      "(z)",  "\U0001F600"};
    return kWords[pick(std::size(kWords))];
  }

  std::string literal() { return json::write(json::Value(word())); }

  std::string op() {
    static const char* const kOps[] = {"eq", "ne", "co", "sw", "ew", "gt",
                                       "ge", "lt", "le", "EQ", "Co"};
    return std::string(" ") + kOps[pick(std::size(kOps))] + " ";
  }

  std::string comparison(const std::string& path) {
    switch (pick(8)) {
      case 0:
        return path + " pr";
      case 1:
        return path + (pick(2) == 0 ? " eq null" : " ne null");
      default:
        return path + op() + literal();
    }
  }

  std::string term() {
    static const char* const kTexts[] = {
        "userName",
        "title",
        "externalId",
        "name.familyName",
        "emails.value",
        "emails",
        "emails.type",
        "USERNAME",
        "urn:ietf:params:scim:schemas:core:2.0:User:name.givenName"};
    switch (pick(8)) {
      case 0:
        return pick(2) == 0 ? "active eq true" : "active ne false";
      case 1:
        return pick(2) == 0 ? R"(meta.created gt "2025-12-31T23:00:00.0000000Z")"
                            : R"(meta.created le "2025-12-31T23:00:00+00:00")";
      case 2:
        return comparison(kEmployeeNumber);
      default:
        return comparison(kTexts[pick(std::size(kTexts))]);
    }
  }

  std::string inner(int depth) {
    static const char* const kSubs[] = {"value", "type", "display", "VALUE"};
    switch (depth <= 0 ? pick(3) : pick(6)) {
      case 0:
        return pick(2) == 0 ? "primary eq true" : "primary eq false";
      case 1:
        return R"(type eq "work")";
      case 2:
        return comparison(kSubs[pick(std::size(kSubs))]);
      case 3:
        return "not (" + inner(depth - 1) + ")";
      case 4:
        return inner(depth - 1) + " or " + inner(depth - 1);
      default:
        return inner(depth - 1) + " and " + inner(depth - 1);
    }
  }

  std::string valuePath() {
    const std::string path = "emails[" + inner(2) + "]";
    return pick(3) == 0 ? comparison(path + ".value") : path;
  }

  std::mt19937 random_;
};

TEST(FilterProperty, PrintedFiltersMeanTheSame) {
  Generator generator(20'261'123);
  std::size_t matched = 0;
  constexpr std::size_t kFilters = 1'000;
  constexpr std::size_t kUsersEach = 10;
  for (std::size_t i = 0; i < kFilters; ++i) {
    const std::string text = generator.filter(3);
    SCOPED_TRACE(text);
    Result<BoundFilter> filter = parseFilter(*schemas().registry, *schemas().user, text);
    ASSERT_TRUE(filter) << filter.error().detail;
    const std::string printed = printFilter(*filter);
    SCOPED_TRACE(printed);
    Result<BoundFilter> again = parseFilter(*schemas().registry, *schemas().user, printed);
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_EQ(printFilter(*again), printed);
    for (std::size_t k = 0; k < kUsersEach; ++k) {
      const json::Object user = generator.user();
      const bool expected = evaluate(*filter, user);
      ASSERT_EQ(evaluate(*again, user), expected) << json::write(user);
      matched += expected ? 1U : 0U;
    }
  }
  // A generator whose filters always or never match would prove nothing.
  EXPECT_GT(matched, kFilters * kUsersEach / 5);
  EXPECT_LT(matched, kFilters * kUsersEach * 4 / 5);
}

}  // namespace
}  // namespace vestibule::scim
