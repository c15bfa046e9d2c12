#ifndef TRANSFER_H
#define TRANSFER_H

// One GET request through libcurl, whose option calls are variadic and so out of Swift's reach.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Takes bytes; returning anything but `count` ends the transfer.
typedef size_t (*transfer_receive)(const char *_Nonnull bytes, size_t count, void *_Nullable context);

typedef struct {
    const char *_Nonnull url;
    const char *_Nonnull agent;
    /// A whole header line, sent to the host of `url` alone; NULL for none.
    const char *_Nullable authorization;
    /// The first byte wanted.
    int64_t from;
    /// Whether redirects may lead to https alone.
    bool stays_secure;
    long connect_seconds;
    /// How long nothing may arrive.
    long stall_seconds;
    /// Gets the header lines of every response, one by one.
    transfer_receive _Nonnull header;
    /// Gets the body of the last one.
    transfer_receive _Nonnull body;
    void *_Nullable context;
} transfer_request;

enum { transfer_message_size = 256 };

/// What became of a request.
typedef enum { transfer_done, transfer_ended_by_receiver, transfer_refused, transfer_broken } transfer_outcome;

/// Performs a request; `message` says why it failed. Redirects are followed, credentials are not sent along to other
/// hosts. `transfer_refused`: no connection came about; `transfer_broken`: it ended before all bytes were there.
transfer_outcome transfer_perform(const transfer_request *_Nonnull request, char *_Nonnull message);

#endif
