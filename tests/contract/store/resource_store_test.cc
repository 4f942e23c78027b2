#include "store/resource_store.h"

#include <atomic>

#include "contract/store/store_fixture.h"
#include "scim/path/attribute_path.h"
#include "store/ordered_search.h"
#include "store/search.h"
#include "support/device_schemas.h"

namespace vestibule::store::test {
namespace {

using scim::test::deviceType;

class ResourceStoreTest : public StoreTest {
 protected:
  Result<void> insert(const NewDevice& device) {
    return database().write([&](Session& session) {
      return insertResource(session, domain(), deviceType(), device.meta, device.write, audit());
    });
  }

  /// Writes other attributes into a stored device.
  Result<void> update(const ResourceId& id, std::string_view json) {
    return database().write([&](Session& session) -> Result<void> {
      auto locked = lockResource(session, domain(), id);
      if (!locked) return propagate(locked);
      if (!*locked) return internalFailure("it has gone");
      auto meta = (*locked)->resource.meta;
      meta.version = Version(meta.version.value() + 1);
      return updateLockedResource(session, domain(), deviceType(), **locked, meta,
                                  deviceOf(json).write, audit());
    });
  }

  void remove(const ResourceId& id) {
    write([&](Session& session) -> Result<void> {
      auto locked = lockResource(session, domain(), id);
      if (!locked) return propagate(locked);
      return deleteLockedResource(session, domain(), **locked, audit());
    });
  }

  std::optional<StoredResource> find(const ResourceId& id) {
    return read([&](Session& session) { return findResource(session, domain(), id); });
  }

  void expectTaken(const Result<void>& refused, const std::string& attribute) {
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::kUniqueness) << refused.error().internal;
    EXPECT_EQ(refused.error().attribute, attribute);
    EXPECT_EQ(refused.error().detail, "another Device has this " + attribute);
  }
};

TEST_F(ResourceStoreTest, WhatIsStoredIsReadAgain) {
  const auto device = deviceOf(R"({"displayName":"d","externalId":"E","model":"M"})");
  addDevice(device);
  const auto found = find(device.meta.id);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->document, device.write.document);
  EXPECT_EQ(found->meta.id, device.meta.id);
  EXPECT_EQ(found->meta.version, Version(1));
  EXPECT_EQ(found->meta.created, device.meta.created);
  EXPECT_EQ(row("SELECT kind, name_key, external_id_key FROM {domain}.resources"), "16|d|E");
  EXPECT_EQ(row("SELECT kind, attribute, value_key, unique_key FROM {domain}.resource_attributes"),
            "16|1001|m|NULL");

  ASSERT_TRUE(update(device.meta.id, R"({"displayName":"e","model":"N"})"));
  EXPECT_EQ(find(device.meta.id)->meta.version, Version(2));
  EXPECT_EQ(row("SELECT name_key, external_id_key FROM {domain}.resources"), "e|NULL");
  EXPECT_EQ(row("SELECT value_key FROM {domain}.resource_attributes"), "n");

  remove(device.meta.id);
  EXPECT_FALSE(find(device.meta.id));
  EXPECT_TRUE(rows("SELECT 1 FROM {domain}.resource_attributes").empty());
}

// C3
TEST_F(ResourceStoreTest, AUniqueValueIsTakenByOneResourceAtATime) {
  const auto first = addDevice(deviceOf(
      R"({"displayName":"One","serialNumber":"S","model":"M","interfaces":[{"value":"02:0A"}]})"));
  expectTaken(insert(deviceOf(R"({"displayName":"ONE"})")), "displayName");
  expectTaken(insert(deviceOf(R"({"displayName":"b","serialNumber":"S"})")), "serialNumber");
  expectTaken(insert(deviceOf(R"({"displayName":"b","serialNumber":"T",
                                  "interfaces":[{"value":"x"},{"value":"02:0a"}]})")),
              "interfaces.value");
  // serialNumber is caseExact, and model is not unique.
  const auto second = addDevice(deviceOf(
      R"({"displayName":"b","serialNumber":"s","model":"M","interfaces":[{"value":"03"}]})"));
  EXPECT_EQ(rows("SELECT 1 FROM {domain}.resources").size(), 2U) << "nothing is half-written";

  expectTaken(update(second, R"({"displayName":"one"})"), "displayName");
  expectTaken(update(second, R"({"displayName":"b","serialNumber":"S"})"), "serialNumber");
  EXPECT_EQ(find(second)->meta.version, Version(1));
  // Its own values are no one else's.
  EXPECT_TRUE(update(second, R"({"displayName":"B","serialNumber":"s","active":true})"));
  remove(first);
  EXPECT_TRUE(update(second, R"({"displayName":"one","serialNumber":"S"})"));
}

TEST_F(ResourceStoreTest, LongUniqueValuesAreToldApart) {
  const std::string text(300, 'x');
  const auto named = [](const std::string& name, const std::string& serial) {
    return R"({"displayName":")" + name + R"(","serialNumber":")" + serial + R"("})";
  };
  addDevice(deviceOf(named("a", text)));
  expectTaken(insert(deviceOf(named("b", text))), "serialNumber");
  EXPECT_TRUE(insert(deviceOf(named("b", text + "y"))));
}

// Two writers of one value: exactly one of them has it, and nobody gets another error.
TEST_F(ResourceStoreTest, OfManyAtOnceOneGetsTheValue) {
  std::atomic<int> stored{0};
  std::atomic<int> taken{0};
  inParallel(8, [&](int i) {
    const auto done =
        insert(deviceOf(R"({"displayName":"n)" + std::to_string(i) + R"(","serialNumber":"S"})"));
    if (done) ++stored;
    if (!done && done.error().kind == ErrorKind::kUniqueness) ++taken;
  });
  EXPECT_EQ(stored, 1);
  EXPECT_EQ(taken, 7);
}

TEST_F(ResourceStoreTest, EntriesOfAnOlderSchemaFileGoWithTheNextWrite) {
  const auto id = addDevice(deviceOf(R"({"displayName":"d","model":"M"})"));
  // The attribute had another number, and was unique.
  run({"UPDATE {domain}.resource_attributes SET attribute = 999, unique_key = value_key"});
  ASSERT_TRUE(update(id, R"({"displayName":"d","model":"M","active":true})"));
  EXPECT_EQ(row("SELECT attribute, value_key, unique_key FROM {domain}.resource_attributes"),
            "1001|m|NULL");
}

TEST_F(ResourceStoreTest, KindsDoNotSeeEachOther) {
  auto other = deviceOf(R"({"displayName":"d","serialNumber":"S","model":"M"})");
  other.meta.id = ResourceId::generate(domain().number, ResourceKind{17});
  const auto id = addDevice(deviceOf(R"({"displayName":"d","serialNumber":"S","model":"M"})"));
  // The same name and serial number: unique within a kind.
  ASSERT_TRUE(insert(other));
  SearchRequest request;
  const auto filter =
      valueOf(scim::parseFilter(*scim::test::deviceRegistry(), deviceType(),
                                R"(displayName eq "d" and (serialNumber eq "S" or model eq "m"))"));
  for (const auto* searched : {static_cast<const scim::BoundFilter*>(nullptr), &filter}) {
    request.registry = scim::test::deviceRegistry().get();
    request.type = &deviceType();
    request.kind = deviceType().kind;
    request.filter = searched;
    request.count = 10;
    const auto page = read([&](Session& session) { return search(session, domain(), request); });
    ASSERT_EQ(page.total, 1U);
    EXPECT_EQ(page.resources.front().resource.meta.id, id);
  }
  const auto seq = std::stoull(row("SELECT seq FROM {domain}.resources WHERE kind = 17"));
  const auto found = read([&](Session& session) {
    return readResources(session, domain(), deviceType().kind, {seq}, false);
  });
  EXPECT_FALSE(found.front());
  remove(id);
  EXPECT_TRUE(find(other.meta.id));
}

// I1-I5
TEST_F(ResourceStoreTest, OrdersFromAnIndexAndFromAScanAreTheSame) {
  const auto& registry = *scim::test::deviceRegistry();
  for (const char* json : {R"({"displayName":"b","externalId":"2","weight":10,"model":"M"})",
                           R"({"displayName":"A","externalId":"1","weight":9.5,"model":"M"})",
                           R"({"displayName":"d","weight":10.0,"model":"M"})",
                           R"({"displayName":"C","externalId":"1","model":"M"})"}) {
    addDevice(deviceOf(json));
  }
  // One that was stored before the type named an attribute.
  run({"UPDATE {domain}.resources SET name_key = NULL WHERE name_key = 'd'"});
  const auto all = valueOf(scim::parseFilter(registry, deviceType(), R"(model sw "m")"));
  struct Case {
    const char* by;
    const char* ascending;
    bool from_index;
  };
  for (const auto& one : {Case{"externalId", "1 3 0 2", true}, Case{"weight", "1 0 2 3", false},
                          Case{"displayName", "1 0 3 2", true}, Case{"id", "", true},
                          Case{"meta.created", "0 1 2 3", true}}) {
    const auto by =
        valueOf(scim::resolveAttribute(registry, deviceType(), one.by, ErrorKind::kInvalidValue));
    for (const bool descending : {false, true}) {
      SCOPED_TRACE(std::string(one.by) + (descending ? " descending" : ""));
      std::vector<std::string> orders;
      for (const auto* filter : {&all, static_cast<const scim::BoundFilter*>(nullptr)}) {
        if (filter == nullptr && !one.from_index) continue;
        OrderedRequest request;
        request.search.registry = &registry;
        request.search.type = &deviceType();
        request.search.kind = deviceType().kind;
        request.search.filter = filter;
        request.search.count = 2;
        request.by = by;
        request.descending = descending;
        std::string order;
        // Two pages by cursor.
        for (int pages = 0; pages < 2; ++pages) {
          const auto page =
              read([&](Session& session) { return orderedSearch(session, domain(), request); });
          EXPECT_EQ(page.total, 4U);
          ASSERT_EQ(page.positions.size(), 2U);
          for (const auto& position : page.positions) order += std::to_string(position.seq) + " ";
          request.after = page.positions.back();
        }
        orders.push_back(order);
      }
      if (std::string_view(one.by) != "displayName") {
        EXPECT_EQ(orders.front(), orders.back());
      }
      std::string expected;
      std::string numbers(one.ascending);
      if (descending) std::reverse(numbers.begin(), numbers.end());
      if (numbers.empty()) continue;
      const auto first = std::stoull(row("SELECT MIN(seq) FROM {domain}.resources"));
      for (const char c : numbers) {
        if (c != ' ') expected += std::to_string(first + static_cast<unsigned>(c - '0')) + " ";
      }
      EXPECT_EQ(orders.back(), expected);
    }
  }
}

}  // namespace
}  // namespace vestibule::store::test
