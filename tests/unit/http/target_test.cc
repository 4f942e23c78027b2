#include "http/target.h"

#include <gtest/gtest.h>

namespace vestibule::http {
namespace {

struct Accepted {
  std::string raw;
  std::string path;
  std::vector<std::pair<std::string, std::string>> query = {};
  std::string authority = {};
};

void PrintTo(const Accepted& target, std::ostream* out) { *out << target.raw; }

class AcceptedTarget : public testing::TestWithParam<Accepted> {};

TEST_P(AcceptedTarget, IsDecodedOnce) {
  const auto& expected = GetParam();
  const auto target = parseTarget(expected.raw);
  ASSERT_TRUE(target.has_value()) << target.error().detail;
  EXPECT_EQ(target->path, expected.path);
  EXPECT_EQ(target->query, expected.query);
  EXPECT_EQ(target->authority, expected.authority);
}

INSTANTIATE_TEST_SUITE_P(
    Targets, AcceptedTarget,
    testing::Values(
        Accepted{"/", "/"}, Accepted{"/scim/v2/Users", "/scim/v2/Users"},
        Accepted{"/scim/v2/Users/", "/scim/v2/Users"},  // Entra ends its paths so
        Accepted{"/Users/%41%62c", "/Users/Abc"}, Accepted{"/Users/%2541", "/Users/%41"},
        Accepted{"/Users/a+b", "/Users/a+b"}, Accepted{"/Users/a;x=1", "/Users/a;x=1"},
        Accepted{"/Users/caf%C3%A9", "/Users/caf\xC3\xA9"},
        Accepted{"/Users/caf\xC3\xA9", "/Users/caf\xC3\xA9"}, Accepted{"/Users/...", "/Users/..."},
        Accepted{"/Users/.search", "/Users/.search"}, Accepted{"/Users/%7Eme", "/Users/~me"},
        Accepted{"/a%3Fb", "/a?b"}, Accepted{"/Users?", "/Users"}, Accepted{"/Users?&", "/Users"},
        Accepted{"/Users?a=1&&b=2&", "/Users", {{"a", "1"}, {"b", "2"}}},
        Accepted{"/Users?a=1&a=2", "/Users", {{"a", "1"}, {"a", "2"}}},
        Accepted{
            "/Users?filter=userName+eq+%22a%2Bb%22", "/Users", {{"filter", "userName eq \"a+b\""}}},
        Accepted{"/Users?a=b=c", "/Users", {{"a", "b=c"}}},
        Accepted{"/Users?a", "/Users", {{"a", ""}}},
        Accepted{"/Users?a=/x?y", "/Users", {{"a", "/x?y"}}},
        Accepted{"/Users?a=%26%3D", "/Users", {{"a", "&="}}}, Accepted{"*", "*"},
        Accepted{"http://idp.example/scim/v2?x=1", "/scim/v2", {{"x", "1"}}, "idp.example"},
        Accepted{"HTTPS://[::1]:8443", "/", {}, "[::1]:8443"},
        Accepted{"http://a?x=1", "/", {{"x", "1"}}, "a"}));

struct RefusedCase {
  std::string raw;
  int status;
};

void PrintTo(const RefusedCase& target, std::ostream* out) { *out << target.raw; }

class RefusedTarget : public testing::TestWithParam<RefusedCase> {};

TEST_P(RefusedTarget, HasItsStatus) {
  const auto target = parseTarget(GetParam().raw);
  ASSERT_FALSE(target.has_value()) << target->path;
  EXPECT_EQ(target.error().status, GetParam().status) << target.error().detail;
}

INSTANTIATE_TEST_SUITE_P(
    OtherSpellings, RefusedTarget,
    testing::Values(RefusedCase{"//", 404}, RefusedCase{"//scim/v2/Users", 404},
                    RefusedCase{"/scim//v2/Users", 404}, RefusedCase{"/scim/v2/Users//", 404},
                    RefusedCase{"/scim/./v2", 404}, RefusedCase{"/scim/../admin", 404},
                    RefusedCase{"/scim/%2e/v2", 404}, RefusedCase{"/scim/%2E%2e/admin", 404},
                    RefusedCase{"/scim/.%2e/admin", 404}, RefusedCase{"/scim/v2/..", 404},
                    RefusedCase{"/scim/v2/../", 404}, RefusedCase{"/Users/a%2Fb", 404},
                    RefusedCase{"/Users/a%2fb", 404}, RefusedCase{"/%2F", 404},
                    RefusedCase{"/admin%2Fv1", 404}));

INSTANTIATE_TEST_SUITE_P(
    Malformed, RefusedTarget,
    testing::Values(
        RefusedCase{"", 400}, RefusedCase{"scim", 400}, RefusedCase{"?a=1", 400},
        RefusedCase{"/a%", 400}, RefusedCase{"/a%4", 400}, RefusedCase{"/a%4g", 400},
        RefusedCase{"/a%G4", 400}, RefusedCase{"/a?b=%", 400}, RefusedCase{"/a?%zz=1", 400},
        RefusedCase{"/a%00", 400}, RefusedCase{"/a?b=%00", 400}, RefusedCase{"/a%0d%0aX: y", 400},
        RefusedCase{"/a%0A", 400}, RefusedCase{"/a%7F", 400}, RefusedCase{"/a?b=%1b[31m", 400},
        RefusedCase{std::string("/a\0b", 4), 400}, RefusedCase{"/a b", 400},
        RefusedCase{"/a#b", 400}, RefusedCase{"/a?b#c", 400}, RefusedCase{"/%FF", 400},
        RefusedCase{"/%C0%AF", 400}, RefusedCase{"/%ED%A0%80", 400}, RefusedCase{"/a?b=\xFF", 400},
        RefusedCase{"http://", 400}, RefusedCase{"http:///x", 400},
        RefusedCase{"http://a:b@c/", 400}, RefusedCase{"http://a b/", 400},
        RefusedCase{"ftp://a/b", 400}, RefusedCase{"example.org:443", 400}, RefusedCase{"**", 400},
        // A bad escape is a 400 wherever it stands, also behind a segment that would be a 404.
        RefusedCase{"/../%zz", 400}));

TEST(Target, TakesSoManyQueryParametersAndNoMore) {
  std::string raw = "/Users?";
  for (std::size_t i = 0; i < kMaxQueryParameters; ++i) raw += "a=1&";
  const auto target = parseTarget(raw);
  ASSERT_TRUE(target.has_value());
  EXPECT_EQ(target->query.size(), kMaxQueryParameters);
  const auto refused = parseTarget(raw + "b=2");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().status, 400);
}

TEST(Target, ThousandsOfSlashesAreRefusedNotFollowed) {
  const auto target = parseTarget(std::string(100'000, '/'));
  ASSERT_FALSE(target.has_value());
  EXPECT_EQ(target.error().status, 404);
}

}  // namespace
}  // namespace vestibule::http
