#pragma once
// What is not a user or a group: domains, identity providers, consent purposes, API tokens and
// issuers of others. Few rows, read as a whole into an immutable snapshot that every request uses;
// every change raises `revision` in its own transaction, and each process watches that number.

#include "store/consent_purpose_store.h"
#include "store/control_rows.h"
#include "store/domain_store.h"
#include "store/identity_provider_store.h"
#include "store/outbound_target_store.h"
#include "store/token_issuer_store.h"
#include "store/token_store.h"
