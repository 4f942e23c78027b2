#include "jit/trace.h"

#include <gtest/gtest.h>

#include <string>

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

}  // namespace
}  // namespace vestibule::jit
