#include "base/resource_id.h"

#include <gtest/gtest.h>

#include <set>
#include <unordered_set>

namespace vestibule {
namespace {

TEST(ResourceId, Q5_CarriesItsDomainAndKindThroughTextAndBytes) {
  for (const std::uint16_t domain : std::initializer_list<std::uint16_t>{0, 1, 255, 256, 65535}) {
    for (const auto kind :
         {ResourceKind::kUser, ResourceKind::kGroup, kFirstOwnKind, ResourceKind{255}}) {
      SCOPED_TRACE(domain);
      const auto id = ResourceId::generate(DomainNumber(domain), kind);
      EXPECT_EQ(id.domain(), DomainNumber(domain));
      EXPECT_EQ(id.kind(), kind);
      EXPECT_EQ(ResourceId::parse(id.text()), id);
      EXPECT_EQ(ResourceId::fromBytes(id.bytes()), id);
    }
  }
}

TEST(ResourceId, IsAVersionEightUuidInLowerCase) {
  const std::string text = ResourceId::generate(DomainNumber(1), ResourceKind::kUser).text();
  ASSERT_EQ(text.size(), 36U);
  for (const std::size_t dash : {8U, 13U, 18U, 23U}) EXPECT_EQ(text[dash], '-');
  EXPECT_EQ(text[14], '8');
  EXPECT_NE(std::string("89ab").find(text[19]), std::string::npos);
  EXPECT_EQ(text.find_first_of("ABCDEF"), std::string::npos);
}

TEST(ResourceId, IsReadInEitherCase) {
  const auto id = ResourceId::parse("2819C223-7F76-8201-819D-0001A3861904");
  ASSERT_TRUE(id);
  EXPECT_EQ(id->text(), "2819c223-7f76-8201-819d-0001a3861904");
  EXPECT_EQ(id->domain(), DomainNumber(1));
  EXPECT_EQ(id->kind(), ResourceKind::kUser);
}

TEST(ResourceId, A15_RefusesTextThatIsNoIdOfOurs) {
  // Security case I-1: whatever a client calls an id, only the canonical text of one resolves.
  const std::string valid = "2819c223-7f76-8201-819d-0001a3861904";
  ASSERT_TRUE(ResourceId::parse(valid));
  const std::vector<std::string> refused = {
      "",
      "0",
      "1",
      "-1",
      " 1",
      "\xEF\xBC\x91",
      " " + valid,
      valid + " ",
      valid.substr(0, 35),
      valid + "0",
      "{" + valid + "}",
      "2819c2237f768201819d0001a3861904",
      "2819c223_7f76-8201-819d-0001a3861904",
      "2819c223-7f76-8201-819d-0001a386190g",
      "2819c223-7f76-4201-819d-0001a3861904",  // version 4
      "2819c223-7f76-8203-819d-0001a3861904",  // no such kind
      "2819c223-7f76-8200-819d-0001a3861904",  // no such kind
      "2819c223-7f76-820f-819d-0001a3861904",  // below those of schema files
      "2819c223-7f76-8201-c19d-0001a3861904",  // another variant
      std::string(36, '\0'),
      std::string(10'000, 'a'),
  };
  for (const auto& text : refused) {
    SCOPED_TRACE(text.substr(0, 60));
    EXPECT_FALSE(ResourceId::parse(text));
  }
}

TEST(ResourceId, RefusesBytesOfAnotherLength) {
  EXPECT_FALSE(ResourceId::fromBytes(""));
  EXPECT_FALSE(ResourceId::fromBytes(std::string(15, 'a')));
  EXPECT_FALSE(ResourceId::fromBytes(std::string(17, 'a')));
}

TEST(ResourceId, DoesNotRepeatAndHashesEvenly) {
  std::unordered_set<ResourceId> ids;
  std::set<std::string> fronts;
  for (int i = 0; i < 2'000; ++i) {
    const auto id = ResourceId::generate(DomainNumber(3), ResourceKind::kGroup);
    EXPECT_TRUE(ids.insert(id).second);
    fronts.insert(id.text().substr(0, 8));
  }
  // Ids must not be guessable from one another (I-7): no common or counted front.
  EXPECT_GT(fronts.size(), 1'990U);
}

}  // namespace
}  // namespace vestibule
