#include "scim/bulk/plan.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "scim/bulk/references.h"

namespace vestibule::scim {
namespace {

/// What each operation needs, by place.
using Needs = std::vector<std::vector<std::size_t>>;
using Circle = std::vector<std::size_t>;

/// Strongly connected components (Tarjan 1972). Each comes after all that it needs; beyond that the
/// order is that of the nodes. With a stack of its own: the depth is the client's choice. Each node
/// may be asked for once.
class Components {
 public:
  explicit Components(const Needs& needs) : needs_(needs), nodes_(needs.size()) {}

  std::vector<Circle> of(const std::vector<std::size_t>& roots) {
    for (const std::size_t root : roots) {
      if (nodes_[root].number == 0) walk(root);
    }
    return std::exchange(found_, {});
  }

 private:
  struct Node {
    std::size_t number = 0;  ///< in the order of discovery, from 1
    std::size_t low = 0;     ///< the lowest number it leads back to
    std::size_t next = 0;    ///< which of its needs is looked at next
    bool open = false;       ///< on `open_`: its component is not complete
  };

  void walk(std::size_t root) {
    discover(root);
    while (!path_.empty()) {
      const std::size_t at = path_.back();
      if (nodes_[at].next < needs_[at].size()) {
        const std::size_t need = needs_[at][nodes_[at].next++];
        if (nodes_[need].number == 0) {
          discover(need);
        } else if (nodes_[need].open) {
          nodes_[at].low = std::min(nodes_[at].low, nodes_[need].number);
        }
        continue;
      }
      path_.pop_back();
      if (!path_.empty()) {
        nodes_[path_.back()].low = std::min(nodes_[path_.back()].low, nodes_[at].low);
      }
      if (nodes_[at].low == nodes_[at].number) close(at);
    }
  }

  void discover(std::size_t node) {
    nodes_[node].number = nodes_[node].low = ++count_;
    nodes_[node].open = true;
    open_.push_back(node);
    path_.push_back(node);
  }

  void close(std::size_t node) {
    const auto begin = std::find(open_.rbegin(), open_.rend(), node).base() - 1;
    for (auto each = begin; each != open_.end(); ++each) nodes_[*each].open = false;
    // Backwards: who was found later is rather needed by who was found before.
    found_.emplace_back(open_.rbegin(), std::make_reverse_iterator(begin));
    open_.erase(begin, open_.end());
  }

  const Needs& needs_;
  std::vector<Node> nodes_;
  std::vector<std::size_t> open_;
  std::vector<std::size_t> path_;
  std::vector<Circle> found_;
  std::size_t count_ = 0;
};

void sortOnce(Needs& needs) {
  for (auto& list : needs) {
    std::sort(list.begin(), list.end());
    list.erase(std::unique(list.begin(), list.end()), list.end());
  }
}

/// The circle as a step, in an order in which nothing comes before what it cannot wait for.
/// `urgent` holds such needs within circles only.
BulkStep orderCircle(const Circle& circle, const Needs& urgent, Components& components) {
  BulkStep step;
  for (const Circle& part : components.of(circle)) {
    const auto& needs = urgent[part.front()];
    const bool needs_itself = std::find(needs.begin(), needs.end(), part.front()) != needs.end();
    if (part.size() > 1 || needs_itself) step.possible = false;
    step.operations.insert(step.operations.end(), part.begin(), part.end());
  }
  return step;
}

}  // namespace

std::vector<BulkStep> planBulk(const std::vector<BulkOperation>& operations) {
  std::unordered_map<std::string_view, std::size_t> posts;
  std::vector<std::size_t> all(operations.size());
  for (std::size_t i = 0; i < operations.size(); ++i) {
    all[i] = i;
    if (operations[i].method == BulkMethod::kPost) posts.emplace(operations[i].bulk_id, i);
  }
  Needs needs(operations.size());
  Needs urgent(operations.size());
  for (std::size_t i = 0; i < operations.size(); ++i) {
    for (const BulkReference& reference : bulkReferences(operations[i])) {
      const auto post = posts.find(reference.bulk_id);
      if (post == posts.end()) continue;
      needs[i].push_back(post->second);
      if (!reference.can_wait) urgent[i].push_back(post->second);
    }
  }
  sortOnce(needs);
  sortOnce(urgent);
  const std::vector<Circle> circles = Components(needs).of(all);
  std::vector<std::size_t> circle_of(operations.size());
  for (std::size_t i = 0; i < circles.size(); ++i) {
    for (const std::size_t each : circles[i]) circle_of[each] = i;
  }
  for (std::size_t i = 0; i < operations.size(); ++i) {
    auto& list = urgent[i];
    list.erase(std::remove_if(list.begin(), list.end(),
                              [&](std::size_t need) { return circle_of[need] != circle_of[i]; }),
               list.end());
  }
  Components components(urgent);
  std::vector<BulkStep> steps;
  steps.reserve(circles.size());
  for (const Circle& circle : circles) steps.push_back(orderCircle(circle, urgent, components));
  return steps;
}

}  // namespace vestibule::scim
