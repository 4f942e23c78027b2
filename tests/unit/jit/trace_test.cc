#include "jit/trace.h"

#include <gtest/gtest.h>

#include <string>

#include "json/parse.h"
#include "json/write.h"

namespace vestibule::jit {
namespace {

TEST(Trace, KeepsTheOrderOfItsSteps) {
  Trace trace;
  trace.add("lookup", "federated identity", "s-1", "new");
  trace.add("domain", "userstore", "CORP", "CORP");
  EXPECT_EQ(json::write(trace.toJson()),
            R"([{"step":"lookup","rule":"federated identity","input":"s-1","outcome":"new"},)"
            R"({"step":"domain","rule":"userstore","input":"CORP","outcome":"CORP"}])");
}

TEST(Trace, MakesForeignTextPrintableAndShort) {
  Trace trace;
  trace.add("claims", "x", "a\r\nb\x1b[31m", std::string(5'000, 'y'));
  const TraceEntry& entry = trace.entries().front();
  for (const char c : entry.input) EXPECT_GE(static_cast<unsigned char>(c), 0x20);
  EXPECT_LT(entry.outcome.size(), 260U);
}

TEST(Trace, IsKeptWithItsFirstAndLastStepsWhenItIsLong) {
  Trace trace;
  const auto kept = [&] { return json::parse(trace.keptText()).value(); };
  for (std::size_t i = 0; i < Trace::kKeptSteps; ++i) trace.add("roles", "", std::to_string(i), "");
  EXPECT_EQ(kept(), json::Value(trace.toJson()));
  for (int i = 0; i < 50; ++i) trace.add("roles", "", "more", "");
  trace.add("result", "", "", "created");
  const auto shown = kept();
  ASSERT_EQ(shown.array()->size(), Trace::kKeptSteps);
  EXPECT_EQ(shown.array()->front().stringAt("input"), "0");
  EXPECT_EQ(shown.array()->back().stringAt("outcome"), "created");
  EXPECT_EQ(shown.array()->at(179).stringAt("outcome"), "52 steps are not kept");
}

}  // namespace
}  // namespace vestibule::jit
