// F-10: each allocation of the pure rooms fails once. What comes of it is std::bad_alloc, which the
// edge answers as any other defect, and never a crash, a leak, or something half-changed.

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <functional>
#include <new>
#include <string>
#include <utility>

#include "json/merge_patch.h"
#include "json/parse.h"
#include "json/write.h"
#include "scim/bulk/plan.h"
#include "scim/bulk/references.h"
#include "scim/filter/filter.h"
#include "scim/patch/patch.h"
#include "scim/resource/project.h"
#include "scim/resource/validate.h"
#include "support/scim_schemas.h"

namespace vestibule::test {
namespace {

/// How many more allocations of this thread succeed; negative: all of them.
thread_local std::int64_t allowed = -1;
/// Allocations of this thread that were not freed.
thread_local std::int64_t held = 0;

// Not inlined: seen through, g++ takes the pair for one that does not belong together.
[[gnu::noinline]] void* allocate(std::size_t bytes) noexcept {
  if (allowed == 0) return nullptr;
  if (allowed > 0) --allowed;
  void* memory = std::malloc(bytes == 0 ? 1 : bytes);
  if (memory != nullptr) ++held;
  return memory;
}

[[gnu::noinline]] void release(void* memory) noexcept {
  if (memory == nullptr) return;
  --held;
  std::free(memory);
}

}  // namespace
}  // namespace vestibule::test

// What is aligned beyond the usual is left to the library: the pure rooms have nothing of the kind.
void* operator new(std::size_t bytes) {
  void* memory = vestibule::test::allocate(bytes);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void* operator new[](std::size_t bytes) { return operator new(bytes); }
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  return vestibule::test::allocate(bytes);
}
void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept {
  return vestibule::test::allocate(bytes);
}
void operator delete(void* memory) noexcept { vestibule::test::release(memory); }
void operator delete[](void* memory) noexcept { vestibule::test::release(memory); }
void operator delete(void* memory, std::size_t) noexcept { vestibule::test::release(memory); }
void operator delete[](void* memory, std::size_t) noexcept { vestibule::test::release(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept {
  vestibule::test::release(memory);
}
void operator delete[](void* memory, const std::nothrow_t&) noexcept {
  vestibule::test::release(memory);
}

namespace vestibule::test {
namespace {

using scim::test::schemas;

constexpr const char* kUser =
    R"({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User",
                    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
        "userName": "bjensen@example.com", "externalId": "701984", "active": true,
        "name": {"givenName": "Barbara", "familyName": "a family name that no string keeps inside"},
        "emails": [{"value": "bjensen@example.com", "type": "work", "primary": true},
                   {"value": "babs@jensen.example", "type": "home"}],
        "addresses": [{"type": "work", "country": "DE", "locality": "a town of quite a long name"}],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":
          {"department": "Tour Operations", "manager": {"value": "26118915-6090-4610-87e4-49d8ca9f808d"}}})";

constexpr const char* kPatch =
    R"({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [
        {"op": "replace", "path": "emails[type eq \"work\"].value", "value": "barbara@example.com"},
        {"op": "add", "value": {"nickName": "Babs", "name.middleName": "Jane"}},
        {"op": "remove", "path": "addresses"},
        {"op": "add", "path": "phoneNumbers", "value": [{"value": "+1-555", "type": "mobile"}]}]})";

constexpr const char* kBulk =
    R"({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": [
        {"method": "POST", "path": "/Groups", "bulkId": "g", "data": {"displayName": "all of them",
          "members": [{"value": "bulkId:u"}]}},
        {"method": "POST", "path": "/Users", "bulkId": "u", "data": {"userName": "somebody.in.particular",
          "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"manager": {"value": "bulkId:u"}}}}]})";

/// The user as it is stored, made once.
const json::Object& storedUser() {
  static const json::Object user = scim::test::resource(*schemas().user, kUser);
  return user;
}

/// Does something with everything at hand and tells what it came to.
using Work = std::function<std::string()>;

struct Case {
  const char* name;
  Work work;
};

template <typename T>
T must(Result<T> result) {
  if (!result) ADD_FAILURE() << result.error().detail << " " << result.error().internal;
  return std::move(result).value();
}

std::string parseAndWrite() { return json::write(must(json::parse(kUser))); }

std::string mergeDocuments() {
  auto target = must(json::parse(kUser));
  json::mergePatch(target, must(json::parse(R"({"name": {"givenName": null}, "x": [1]})")));
  return json::write(target);
}

std::string createUser() {
  const auto& type = *schemas().user;
  const auto& registry = *schemas().registry;
  auto valid = must(scim::validateCreate(registry, type, must(json::parse(kUser))));
  const auto stored = must(scim::finish(registry, type, std::move(valid.attributes)));
  std::string text = json::write(stored);
  for (const auto& entry : scim::indexEntries(type, stored)) text += entry.key;
  return text;
}

std::string projectUser() {
  const auto& type = *schemas().user;
  const auto projection = must(scim::Projection::parse(
      *schemas().registry, type, {"userName,emails.value,name.familyName"}, {}));
  return json::write(projection.apply(type, storedUser()));
}

std::string patchUser() {
  const auto& type = *schemas().user;
  const auto& registry = *schemas().registry;
  const auto operations = must(scim::parsePatch(registry, type, must(json::parse(kPatch)), {}));
  return json::write(must(scim::applyPatch(registry, type, storedUser(), operations, {})));
}

std::string filterUser() {
  const auto filter = must(scim::parseFilter(
      *schemas().registry, *schemas().user,
      R"(emails[type eq "work" and value co "example"] and not (userName sw "x") or title pr)"));
  return scim::printFilter(filter) + (scim::evaluate(filter, storedUser()) ? " holds" : "");
}

std::string planBulk() {
  const auto request = must(scim::parseBulk(*schemas().registry, must(json::parse(kBulk)), 10));
  std::string text;
  for (const auto& step : scim::planBulk(request.operations)) {
    for (const auto at : step.operations) text += std::to_string(at) + ",";
  }
  return text;
}

const Case kCases[] = {
    {"reading and writing a document", parseAndWrite},
    {"merging documents", mergeDocuments},
    {"making a user", createUser},
    {"showing a part of a user", projectUser},
    {"patching a user", patchUser},
    {"filtering users", filterUser},
    {"planning a bulk request", planBulk},
};

void failEachAllocationOf(const Work& work) {
  const std::string whole = work();  // what is made once is made now
  const std::string user = json::write(storedUser());
  for (std::int64_t succeeding = 0;; ++succeeding) {
    const auto before = held;
    bool ended = false;
    {
      std::string result;
      allowed = succeeding;
      try {
        result = work();
        ended = true;
      } catch (const std::bad_alloc&) {
      }
      allowed = -1;
      if (ended) {
        EXPECT_EQ(result, whole);
      }
    }
    ASSERT_EQ(held, before) << "after " << succeeding << " allocations";
    ASSERT_EQ(json::write(storedUser()), user) << "after " << succeeding << " allocations";
    if (!ended) continue;
    EXPECT_GT(succeeding, 0);
    return;
  }
}

TEST(Allocation, Fault10_ThatFailsLosesNothing) {
  for (const auto& [name, work] : kCases) {
    SCOPED_TRACE(name);
    failEachAllocationOf(work);
  }
}

}  // namespace
}  // namespace vestibule::test
