#include <gtest/gtest.h>

#include "json/write.h"
#include "scim/path/attribute_path.h"
#include "scim/resource/validate.h"
#include "scim/schema/comparison_key.h"
#include "support/scim_schemas.h"

namespace vestibule::scim {
namespace {

using test::parsed;
using test::schemas;

AttributeRef probePath(const char* path) {
  const auto ref =
      resolveAttribute(*schemas().registry, *schemas().probe, path, ErrorKind::kInvalidPath);
  EXPECT_TRUE(ref.has_value()) << path;
  return *ref;
}

constexpr const char* kColor = "urn:vestibule:test:extra:1.0:Probe:color";
constexpr const char* kOwner = "urn:vestibule:test:extra:1.0:Probe:owner.value";

TEST(ValueAt, FindsValuesWhereTheyLive) {
  const json::Object resource = *parsed(R"({"id":"1","text":"t","details":{"note":"n"},
    "items":[{"value":"v"}],"meta":{"version":"W/\"1\""},
    "urn:vestibule:test:extra:1.0:Probe":{"color":"red","owner":{"value":"o"}}})")
                                     .object();
  const auto textAt = [&](const char* path) {
    const json::Value* value = valueAt(resource, probePath(path));
    return value == nullptr ? std::string("none") : json::write(*value);
  };
  EXPECT_EQ(textAt("text"), "\"t\"");
  EXPECT_EQ(textAt("id"), "\"1\"");
  EXPECT_EQ(textAt("meta.version"), R"("W/\"1\"")");
  EXPECT_EQ(textAt("details.note"), "\"n\"");
  EXPECT_EQ(textAt("details.size"), "none");
  EXPECT_EQ(textAt("items"), R"([{"value":"v"}])");
  EXPECT_EQ(textAt("items.value"), "none");
  EXPECT_EQ(textAt(kColor), "\"red\"");
  EXPECT_EQ(textAt(kOwner), "\"o\"");
  EXPECT_EQ(textAt("flag"), "none");
  EXPECT_EQ(valueAt({}, probePath(kColor)), nullptr);
}

TEST(AssignAt, MakesParentsAndRemovesThemWhenTheyBecomeEmpty) {
  json::Object resource;
  assignAt(resource, probePath("details.note"), "n");
  assignAt(resource, probePath(kColor), "red");
  assignAt(resource, probePath(kOwner), "o");
  assignAt(resource, probePath("text"), "t");
  EXPECT_EQ(json::write(resource),
            R"({"details":{"note":"n"},)"
            R"("urn:vestibule:test:extra:1.0:Probe":{"color":"red","owner":{"value":"o"}},)"
            R"("text":"t"})");
  assignAt(resource, probePath("details.size"), nullptr);
  assignAt(resource, probePath("details.note"), nullptr);
  assignAt(resource, probePath(kOwner), json::Array());
  EXPECT_EQ(json::write(resource),
            R"({"urn:vestibule:test:extra:1.0:Probe":{"color":"red"},"text":"t"})");
  assignAt(resource, probePath(kColor), nullptr);
  assignAt(resource, probePath(kColor), nullptr);
  assignAt(resource, probePath("text"), "u");
  EXPECT_EQ(json::write(resource), R"({"text":"u"})");
}

TEST(IndexEntries, HoldEveryValueOfEveryIndexedAttributeOnce) {
  const json::Object user = test::resource(*schemas().user, R"({"displayName":"Babs Jensen",
    "emails":[{"value":"B@Example.com","type":"work"},{"value":"a@example.com"},{"value":"b@example.com","type":"home"}],
    "nickName":"not indexed",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"701984","manager":{"value":"ABC"}}})");
  const std::vector<IndexEntry> expected = {{10, "a@example.com"},
                                            {10, "b@example.com"},
                                            {11, "babs jensen"},
                                            {20, "701984"},
                                            {22, "ABC"}};
  EXPECT_EQ(indexEntries(*schemas().user, user), expected);
  EXPECT_TRUE(indexEntries(*schemas().user, {}).empty());
}

TEST(IndexEntries, CutLongValuesAndSkipWhatDoesNotFitTheSchema) {
  const std::string long_name(5'000, 'x');
  const json::Object user = {{"displayName", long_name}, {"emails", json::Array{json::Value(7)}}};
  const auto entries = indexEntries(*schemas().user, user);
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].key, indexKey(long_name));
  EXPECT_TRUE(indexEntries(*schemas().user, {{"displayName", 7}}).empty());
}

}  // namespace
}  // namespace vestibule::scim
