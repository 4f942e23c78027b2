// Bulk: any message is either refused or becomes a plan in which everything is run once and nothing
// before what it cannot do without.

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fuzz/invariant.h"
#include "json/parse.h"
#include "json/write.h"
#include "scim/bulk/plan.h"
#include "scim/bulk/references.h"
#include "support/scim_schemas.h"

namespace vestibule::scim {
namespace {

using fuzz::require;

constexpr std::uint64_t kMaxOperations = 200;

/// Runs a step as directory/ does, with ids that are made up.
void runStep(const BulkStep& step, std::vector<BulkOperation>& operations,
             const std::map<std::string, std::size_t, std::less<>>& posts,
             std::set<std::size_t>& done) {
  const std::set<std::size_t> circle(step.operations.begin(), step.operations.end());
  for (const std::size_t at : step.operations) {
    BulkOperation& operation = operations[at];
    std::set<std::string, std::less<>> later;
    for (const BulkReference& reference : bulkReferences(operation)) {
      const auto post = posts.find(reference.bulk_id);
      if (post == posts.end() || done.count(post->second) > 0) continue;
      require(circle.count(post->second) > 0, "what is referred to comes before");
      require(!step.possible || reference.can_wait, "what cannot wait comes before");
      later.insert(reference.bulk_id);
    }
    if (step.possible) {
      const json::Object waiting = takeReferring(operation, later);
      require(waiting.empty() == later.empty(), "what has to wait is taken out");
      resolveReferences(operation, [&](std::string_view bulk_id) -> std::string_view {
        return posts.count(bulk_id) > 0 ? "id" : "";
      });
      for (const BulkReference& reference : bulkReferences(operation)) {
        require(posts.count(reference.bulk_id) == 0, "what is known is replaced",
                reference.bulk_id);
      }
    }
    require(done.insert(at).second, "each operation is run once");
  }
}

}  // namespace
}  // namespace vestibule::scim

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace json = vestibule::json;
  namespace scim = vestibule::scim;
  namespace fuzz = vestibule::fuzz;
  using vestibule::ErrorKind;
  using vestibule::Result;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Result<json::Value> body = json::parse(text);
  if (!body) return 0;
  Result<scim::BulkRequest> request =
      scim::parseBulk(*scim::test::schemas().registry, *std::move(body), scim::kMaxOperations);
  if (!request) {
    fuzz::require(request.error().kind != ErrorKind::kInternal, "no request is a defect of ours");
    return 0;
  }
  auto& operations = request->operations;
  std::map<std::string, std::size_t, std::less<>> posts;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    if (operations[i].method != scim::BulkMethod::kPost) continue;
    fuzz::require(posts.emplace(operations[i].bulk_id, i).second, "a bulkId is there once");
  }
  std::set<std::size_t> done;
  for (const auto& step : scim::planBulk(operations)) {
    scim::runStep(step, operations, posts, done);
  }
  fuzz::require(done.size() == operations.size(), "every operation is run");
  return 0;
}
