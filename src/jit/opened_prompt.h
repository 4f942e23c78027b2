#pragma once
// A prompt that has just been opened.

#include <string>

#include "base/clock.h"
#include "store/prompt_store.h"

namespace vestibule::jit {

/// What the gateway is told of it.
struct OpenedPrompt {
  store::PromptId id = store::PromptId(std::string());  ///< the gateway asks for the outcome by it
  std::string ticket;                                   ///< 43 characters that fit into a URL
  Timestamp expires = 0;
};

}  // namespace vestibule::jit
