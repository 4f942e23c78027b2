#pragma once
// Outbound provisioning on a real database, to services in memory.

#include <condition_variable>
#include <memory>
#include <mutex>

#include "contract/jit/jit_test.h"
#include "contract/outbound/memory_service.h"
#include "outbound/status.h"
#include "outbound/target_worker.h"
#include "outbound/targets.h"

namespace vestibule::outbound::test {

using jit::test::parsed;

class OutboundTest : public jit::test::JitTest {
 protected:
  /// A target of this name with these members, which nothing is marked for but what a test changes.
  void target(const std::string& members = "{}", const std::string& name = "hr") {
    json::Value document = parsed(R"({"baseUrl": "https://remote.example",
        "authentication": {"type": "bearer", "token": "secret"}})");
    document.object()->set("name", name);
    const json::Value changes = parsed(members);
    for (const json::Member& member : *changes.object()) {
      document.object()->set(member.key, member.value);
    }
    must(applyTarget(context_, document));
    onlooker_.run("DELETE FROM " + table("control.outbound_pending") +
                  " WHERE resource_id = REPEAT('\\0', 16)");
  }

  std::unique_ptr<TargetWorker> start(const std::string& name = "hr",
                                      const WorkerOptions& options = fast()) {
    auto row = must(targetRow(context_, name));
    auto compiled = must(compileStored(context_, row));
    return std::make_unique<TargetWorker>(context_, BoundTarget{row, compiled}, options,
                                          service.transport());
  }
  static WorkerOptions fast() {
    WorkerOptions options;
    options.poll = std::chrono::milliseconds(10);
    return options;
  }

  std::uint64_t marks(const std::string& where = "1 = 1") {
    return onlooker_.number("SELECT COUNT(*) FROM " + table("control.outbound_pending") +
                            " WHERE " + where);
  }
  /// Until nothing is marked but what has failed.
  void awaitQuiet() {
    await([&] { return marks("state <> 3") == 0; });
  }
  template <typename Condition>
  void await(Condition&& condition) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!condition()) {
      ASSERT_LT(std::chrono::steady_clock::now(), until) << "nothing came of it";
      std::this_thread::yield();
    }
  }
  /// Runs a worker until nothing is marked.
  void deliver(const std::string& name = "hr") {
    const auto worker = start(name);
    awaitQuiet();
  }
  std::string stateOf(const ResourceId& id, const std::string& name = "hr") {
    return std::string(*json::Value(must(describeResource(context_, name, id))).stringAt("state"));
  }
  /// A user in PRIMARY with further members.
  ResourceId user(const std::string& name, const std::string& more = "") {
    return scimUser(R"("userName": ")" + name + "\"" + more);
  }

  MemoryService service;
  using Lines = std::vector<std::string>;
};

}  // namespace vestibule::outbound::test
