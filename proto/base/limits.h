/* Every bound on what comes from outside, in one place: files, frames, entries, peers, members,
 * operators. What crosses one gets the error named after it, or what stands after "no error".
 * `tests/lint/lint.py limits` holds deploy/LIMITS.md to this. Sizes that nobody outside can reach
 * stand where they are used. */
#ifndef SB_BASE_LIMITS_H
#define SB_BASE_LIMITS_H

#include <stdint.h>

/* clang-format off */
enum {
    /* ---- entries ---- */
    SB_LEAF_BYTES_MAX = 65535,                                 /* u64 time + entry; SB_E_ENTRY_TOO_LARGE */
    SB_ENTRY_BYTES_MAX = 65535 - 8,                            /* an entry with its signature; SB_E_ENTRY_TOO_LARGE */
    SB_PAYLOAD_BYTES_MAX = 65535 - 8 - 118 - 64,               /* what is left for the content; SB_E_ENTRY_TOO_LARGE */
    SB_ALLOC_PER_ENTRY_MAX = 4 * 1024 * 1024,                  /* memory that one entry may take when it is read; SB_E_PAYLOAD_ALLOC */
    SB_BLOBS_PER_ENTRY_MAX = 64,                               /* attachments of one entry; SB_E_PAYLOAD_COUNT */
    SB_TITLE_BYTES_MAX = 1000,                                 /* titles, names of bodies and seats, citations; SB_E_PAYLOAD_LENGTH */
    SB_CLAUSE_BYTES_MAX = 4000,                                /* one clause of a proposal; SB_E_PAYLOAD_LENGTH */
    SB_CLAUSES_MAX = 50,                                       /* clauses of one proposal; SB_E_PAYLOAD_COUNT, SB_E_LEDGER_CLAUSE_NUMBER */
    SB_ID_BYTES_MAX = 64,                                      /* charter ids: [a-z0-9-]; SB_E_PAYLOAD_LENGTH */
    SB_EXTERNAL_BYTES_MAX = 64,                                /* another archive's case number: "42/21"; SB_E_PAYLOAD_LENGTH */
    SB_NUMBER_MAX = 1000000,                                   /* case numbers, units of a deadline; SB_E_PAYLOAD_RANGE */
    SB_AGENDA_MAX = 100,                                       /* items of one meeting; SB_E_PAYLOAD_COUNT */
    SB_ATTENDANCE_PER_ENTRY_MAX = 200,                         /* who came and went, in one entry; SB_E_PAYLOAD_COUNT */
    SB_PARTIES_ASKED_MAX = 200,                                /* by one condition or input round; SB_E_PAYLOAD_COUNT */
    SB_PLANNED_DATES_MAX = 366,                                /* of one year; SB_E_PAYLOAD_COUNT */
    SB_RESPONSIBLE_MAX = 32,                                   /* who is responsible for one task; SB_E_PAYLOAD_COUNT */
    SB_LOST_MAX = 100,                                         /* lines of a genesis that say what was lost; SB_E_PAYLOAD_COUNT */
    SB_COSIGNATURES_MAX = 400,                                 /* of one SEAL, HANDOVER or promise; SB_E_PAYLOAD_COUNT */
    SB_PROOF_HASHES_MAX = 64,                                  /* of one Merkle proof; SB_E_PAYLOAD_COUNT */

    /* ---- the charter ---- */
    SB_CHARTER_PART_BYTES_MAX = 60000,                         /* of the charter in one CHARTER_PART; SB_E_PAYLOAD_LENGTH */
    SB_CHARTER_PARTS_MAX = 1024,                               /* CHARTER_PARTs of one charter; SB_E_PAYLOAD_RANGE */
    SB_CHARTER_BYTES_MAX = 1024 * 1024,                        /* the compiled charter; SB_E_PAYLOAD_RANGE, SB_E_ENTRY_TOO_LARGE */
    SB_ALLOC_PER_CHARTER_MAX = 32 * 1024 * 1024,               /* memory; more than any valid charter takes; SB_E_PAYLOAD_ALLOC */
    SB_ORGANISATIONS_MAX = 400,                                /* of one federation; SB_E_PAYLOAD_COUNT */
    SB_BODIES_MAX = 500,                                       /* of one federation; SB_E_PAYLOAD_COUNT */
    SB_SEATS_MAX = 10000,                                      /* of all bodies together; SB_E_PAYLOAD_COUNT, SB_E_LEDGER_CHARTER_SEATS */
    SB_PARTNERS_MAX = 16,                                      /* partners of one body that are counted apart; SB_E_PAYLOAD_COUNT, SB_E_TALLY_PARTNERS */
    SB_OFFICES_MAX = 500,                                      /* of one federation; SB_E_PAYLOAD_COUNT */
    SB_PARTIES_MAX = 10000,                                    /* who can be asked and isn't a member; SB_E_PAYLOAD_COUNT */
    SB_NORMS_MAX = 500,                                        /* of one office or body; SB_E_PAYLOAD_COUNT */
    SB_DEADLINES_MAX = 64,                                     /* of one body; SB_E_PAYLOAD_COUNT */
    SB_DEADLINE_DAYS_MAX = 366 * 7,                            /* that one deadline counts; SB_E_DEADLINE_RANGE */
    SB_YEARS_MAX = 200,                                        /* with a first case number of their own; SB_E_PAYLOAD_COUNT */
    SB_TERM_MONTHS_MAX = 1200,                                 /* of an appointment; SB_E_PAYLOAD_RANGE, SB_E_DOC_RANGE */
    SB_WITNESS_GROUPS_MAX = 64,                                /* groups of the policy for confirming; SB_E_PAYLOAD_COUNT */
    SB_STANDBYS_MAX = 8,                                       /* enrolled standby brokers; SB_E_PAYLOAD_COUNT */
    SB_ADDRESS_BYTES_MAX = 255,                                /* "tcp://host:port"; SB_E_PAYLOAD_LENGTH */
    SB_SILENCE_S_MIN = 3 * 60,                                 /* heads that don't change are confirmed anew each minute; SB_E_LEDGER_CHARTER_SILENCE_SHORT */
    SB_SILENCE_S_MAX = 7 * 24 * 3600,                          /* before a standby may take over; SB_E_PAYLOAD_RANGE */
    SB_RULE_BYTES_MAX = 2000,                                  /* a rule, as written and as printed; SB_E_RULE_TOO_LONG, SB_E_PAYLOAD_LENGTH */
    SB_RULE_NODES_MAX = 256,                                   /* its parts; SB_E_RULE_TOO_MANY_PARTS */
    SB_RULE_DEPTH_MAX = 32,                                    /* its parentheses; SB_E_RULE_TOO_DEEP */
    SB_RULE_PARTNERS_NAMED_MAX = 256,                          /* in all lists of one rule; SB_E_RULE_TOO_MANY_NAMES */

    /* ---- what the history may hold ---- */
    SB_MEETINGS_OPEN_MAX = 64,                                 /* at one time; SB_E_LEDGER_MEETINGS_OPEN */
    SB_RESULTS_PENDING_MAX = 64,                               /* questions that one step can close; no error: one of each open meeting */
    SB_CANDIDATES_MAX = 50,                                    /* of one case; SB_E_LEDGER_CANDIDATES_MANY */
    SB_CANDIDATES_PER_KEY_MAX = 8,                             /* that a member proposes in one case; SB_E_LEDGER_CANDIDATES_YOURS */
    SB_TICKET_PLACES_MAX = 8,                                  /* offices of one candidate; SB_E_PAYLOAD_COUNT */
    SB_ROUNDS_MAX = 10,                                        /* of one election; SB_E_PAYLOAD_RANGE */
    SB_ACTIONS_MAX = 32,                                       /* of one case; SB_E_LEDGER_ACTIONS_MANY */
    SB_DRAFTS_MAX = 8,                                         /* of the charter, by one key, that no action names; no error: the oldest is dropped */
    SB_CONDITIONS_MAX = 32,                                    /* of one case; SB_E_LEDGER_CONDITIONS_MANY */
    SB_RELATIONS_MAX = 100,                                    /* of one case, each way; SB_E_LEDGER_RELATIONS_MANY */
    SB_RULINGS_MAX = 200,                                      /* in one meeting; SB_E_LEDGER_RULINGS_MANY */
    SB_FINALISED_MAX = 50,                                     /* texts after one question; SB_E_LEDGER_FINALISED_MANY */
    SB_DISPUTES_MAX = 8,                                       /* of one seat about one question; SB_E_LEDGER_DISPUTES_MANY */
    SB_DELEGATIONS_MAX = 32,                                   /* of one seat, not long over; SB_E_LEDGER_DELEGATIONS_MANY */
    SB_TIME_TOLERANCE_MS = 5 * 60 * 1000,                      /* between clocks; half of it for the broker; SB_E_SEQUENCER_CLOCK, SB_E_LEDGER_CLAIM_FUTURE */

    /* ---- attachments ---- */
    SB_BLOB_BYTES_MAX = 32 * 1024 * 1024,                      /* one attachment; SB_E_PAYLOAD_RANGE, SB_E_TOO_LARGE */
    SB_BLOB_CHUNK_BYTES = 256 * 1024,                          /* one frame's share of it; SB_E_TOO_LARGE */
    SB_BLOBS_UNNAMED_MAX = 256,                                /* from one organisation that no entry names; SB_E_STORE_BLOB_QUOTA */
    SB_BLOBS_UNNAMED_MIB_MAX = 4096,                           /* … and their MiB; SB_E_STORE_BLOB_QUOTA */
    SB_BLOB_UNNAMED_MS = 24 * 3600 * 1000,                     /* then they may be forgotten; no error: sent again when an entry needs it */

    /* ---- frames and connections ---- */
    SB_FRAME_BYTES_MAX = 1024 * 1024,                          /* one frame; SB_E_FRAME_TOO_LARGE, SB_E_TOO_LARGE */
    SB_FRAME_ALLOC_MAX = 4 * 1024 * 1024,                      /* memory that one frame may take when it is read; SB_E_FRAME_MALFORMED */
    SB_QUEUE_FRAMES_MAX = 4096,                                /* of any one peer's queue; SB_E_NET_FULL */
    SB_NET_QUEUE_BYTES_MAX = 16 * 1024 * 1024,                 /* of one peer, each way; SB_E_NET_FULL */
    SB_NET_WAITING_BYTES_MAX = 256 * 1024 * 1024,              /* frames of all peers that aren't handed out yet; no error: a frame too many is lost, and who needs it asks again */
    SB_NET_LINKS_MAX = 40,                                     /* sockets of a node: members, brokers, standbys, peers; no error: 32 are dialled at most */
    SB_NET_PEERS_A_KEY_MAX = 4,                                /* connections of one CURVE key; no error: its oldest gives way */
    SB_NET_SILENT_MS = 15 * 1000,                              /* that a new connection may say nothing; no error: it is cut, and with half of the descriptors taken at once */
    SB_NET_LOCAL_PEERS_MAX = 4096,                             /* connections to the local socket; no error: the oldest gives way */
    SB_NET_PEERS_MAX = 20000,                                  /* connections in all; no error: a new one isn't heard */
    SB_SEQ_PEERS_MAX = 4 * SB_ORGANISATIONS_MAX,               /* nodes of a broker: as many as the transport lets each key hold; no error: a new one isn't greeted */
    SB_STANDBY_PEERS_MAX = 4 * SB_ORGANISATIONS_MAX,           /* nodes of a standby; no error: a new one isn't greeted */
    SB_FOL_LINKS_MAX = 512,                                    /* connections of a node; no error: more are not served */
    SB_NODE_PEERS_MAX = 16,                                    /* other nodes in node.yaml; SB_E_CONFIG_PEERS */
    SB_NODE_DIALS_MAX = 32,                                    /* a node's own calls: broker, standbys, consent, peers; no error: there are never more wanted */
    SB_NODE_REQUESTS_MAX = 4096,                               /* members' submissions that wait for a receipt; no error: the oldest asks "outbox" instead */
    SB_TRANSFERS_MAX = 512,                                    /* attachments under way; no error: begun when it is asked for again */
    SB_BROKER_FETCHES_MAX = 32,                                /* attachments that a broker fetches; no error: asked for again */
    SB_FOL_BLOBS_ASKED_MAX = 16,                               /* attachments that a node asks for; no error: the rest wait */
    SB_STANDBY_BLOBS_ASKED_MAX = 16,                           /* … a standby; no error: the rest wait */
    SB_FOL_LEAVES_MAX = 1024,                                  /* of one Leaves frame to a node; no error: a longer one is ignored, and the range asked for again */
    SB_FOL_BATCH_LEAVES_MAX = 8192,                            /* that a node far behind commits at a time; no error: the next waits for the commit */
    SB_FOL_BATCH_BYTES_MAX = 4 * 1024 * 1024,                  /* … and so many bytes, of leaves or of the rows they make; no error: the next waits for the commit */
    SB_STANDBY_LEAVES_MAX = 1024,                              /* … to a standby; no error: a longer one is ignored, and the range asked for again */
    SB_LONG_FRAMES_CREDIT = 4096,                              /* a Pull of so many leaves or more is answered with long frames; no error: with less they are shorter */
    SB_LONG_FRAME_LEAVES_MAX = 1024,                           /* of one Leaves frame to who pulls with so much; no error: the rest in the next */
    SB_SHORT_FRAME_LEAVES_MAX = 256,                           /* … with less; no error: the rest in the next */
    SB_SEQ_CREDIT_MAX = 4096,                                  /* leaves that a node may ask a broker for; no error: it asks on */
    SB_SEQ_BATCH_LEAVES_MAX = 1024,                            /* then a batch closes by itself; no error: the next waits for the commit */
    SB_SEQ_BATCH_BYTES_MAX = 8 * 1024 * 1024,                  /* … and so many bytes; no error: the next waits for the commit */
    SB_SEQ_PUSH_BYTES_MAX = 512 * 1024,                        /* of one Leaves frame; no error: the rest in the next */
    SB_SEQ_PUSH_STEP_BYTES_MAX = 4 * 1024 * 1024,              /* to one peer in one step; no error: the rest at the next tick */
    SB_FOL_SERVE_FRAMES_MAX = 4,                               /* Leaves frames that answer one Pull; no error: it asks on */
    SB_FOL_SERVE_BYTES_MAX = 512 * 1024,                       /* leaves in one of them; no error: the rest in the next */
    SB_OUTBOX_ENTRIES_MAX = 100000,                            /* waiting at a node; SB_E_FOLLOWER_OUTBOX_FULL */
    SB_OUTBOX_A_KEY_MAX = 10000,                               /* … of one key's; SB_E_FOLLOWER_OUTBOX_KEY */
    SB_OUTBOX_UNKNOWN_MAX = 1000,                              /* … of all keys that the log doesn't know; SB_E_FOLLOWER_OUTBOX_UNKNOWN */
    SB_FOL_PEER_ENTRIES_MAX = 256,                             /* of other nodes, in the outbox: that they handed on, and as many beside that a HANDOVER cut off; SB_E_FOLLOWER_PEERS_FULL; of what was cut off the rest is left out */
    SB_FOL_EVIDENCE_A_TERM = 4,                                /* evidence files kept; no error: the first convict; later ones are logged */
    SB_FOL_TERM_STEP_MAX = 1000,                               /* how far up a promise in a silence may be; SB_E_FOLLOWER_PROMISE_TERM */
    SB_STANDBY_TOLD_TERMS_MAX = 1000,                          /* how far above ours a mere claim of a term may lie; no error: not believed */

    /* ---- files ---- */
    SB_NOTE_BYTES_MAX = 128 * 1024,                            /* a signed note; SB_E_TOO_LARGE */
    SB_NOTE_LINES_MAX = 512,                                   /* its signatures: log + SB_COSIGNATURES_MAX and some; SB_E_NOTE_MALFORMED */
    SB_NOTE_SIG_BYTES_MAX = 5120,                              /* one signature, decoded; other people's kinds are kept whole; SB_E_NOTE_MALFORMED */
    SB_NOTE_NAME_BYTES_MAX = 255,                              /* a signer's name; no white space, no '+'; SB_E_NOTE_MALFORMED */
    SB_NOTE_SIGNATURES_MAX = 16,                               /* lines of one note that we write: others read no more; no error: the rest in checkpoint.2 … */
    SB_ORIGIN_BYTES_MAX = 128,                                 /* the first line of a head; SB_E_TOO_LARGE, SB_E_NOTE_MALFORMED */
    SB_TILE_WIDTH = 256,                                       /* hashes of a tile; no error: the next tile begins */
    SB_TLOG_POLICY_BYTES_MAX = 256 * 1024,                     /* a policy file; SB_E_TOO_LARGE */
    SB_TLOG_POLICY_LOGS_MAX = 32,                              /* logs in it; SB_E_POLICY_MALFORMED */
    SB_TLOG_POLICY_NAMES_MAX = 1024,                           /* witnesses and groups in it; SB_E_POLICY_MALFORMED */
    SB_TLOG_PROOF_EXTRA_BYTES_MAX = 65536,                     /* the extra of a proof file; SB_E_NOTE_MALFORMED, SB_E_DECISION_EXTRA */
    SB_PROOF_FILE_BYTES_MAX = 256 * 1024,                      /* a proof of a decision; SB_E_TOO_LARGE */
    SB_FEDERATION_BYTES_MAX = 2 * 1024 * 1024,                 /* federation.samband; SB_E_TOO_LARGE */
    SB_FOUNDING_ENTRIES_MAX = 64,                              /* entries in it; SB_E_CHARTER_FEDERATION_FILE */
    SB_EVIDENCE_LEAVES_BYTES_MAX = 16 * 1024 * 1024,           /* entries in an evidence file; SB_E_EVIDENCE_MALFORMED */
    SB_EVIDENCE_BYTES_MAX = 18 * 1024 * 1024,                  /* an evidence file; SB_E_TOO_LARGE, SB_E_EVIDENCE_MALFORMED */
    SB_BUNDLE_PATH_BYTES_MAX = 120,                            /* a name in an audit bundle; SB_E_AUDIT_FOREIGN */
    SB_KEYFILE_BYTES_MAX = 4096,                               /* a key file; SB_E_TOO_LARGE, SB_E_KEYFILE_MALFORMED */
    SB_ARGON_OPS_MAX = 16,                                     /* passes that opening it may take; SB_E_KEYFILE_COST */
    SB_PASSPHRASE_BYTES_MAX = 1024,                            /* a passphrase; SB_E_PASSPHRASE_LONG */
    SB_DOC_BYTES_MAX = 4 * 1024 * 1024,                        /* a YAML or JSON file; SB_E_DOC_LIMIT, SB_E_TOO_LARGE */
    SB_DOC_DEPTH_MAX = 32,                                     /* … nested; SB_E_DOC_LIMIT */
    SB_DOC_NODES_MAX = 200000,                                 /* … values; SB_E_DOC_LIMIT */
    SB_DOC_KEYS_MAX = 10000,                                   /* … keys of one mapping; SB_E_DOC_LIMIT */
    SB_DOC_KEY_BYTES_MAX = 128,                                /* … a key; SB_E_DOC_LIMIT, SB_E_DOC_KEY_TEXT */
    SB_ARGS_MAX = 256,                                         /* words of one command; SB_E_ARG_POSITION_EXTRA */
    SB_REH_STEPS_MAX = 10000,                                  /* steps of a rehearsal; SB_E_REHEARSE_LIST */
    SB_REH_LIST_MAX = 1000,                                    /* items of a list in one; SB_E_REHEARSE_LIST */
    SB_PAPER_TEXT_BYTES_MAX = 256 * 1024,                      /* of an attachment that is printed in the minutes; no error: the rest is left out */

    /* ---- the witness and HTTP ---- */
    SB_HTTP_CONNECTIONS_MAX = 64,                              /* at one time; no error: a new one waits at the kernel */
    SB_HTTP_TIMEOUT_S = 20,                                    /* without a byte; no error: the connection is closed */
    SB_HTTP_REQUEST_S = 30,                                    /* for all of one request, or of an answer to ours; SB_E_HTTP_PEER */
    SB_HTTP_HEAD_BYTES_MAX = 16 * 1024,                        /* headers of an answer; SB_E_HTTP_PEER */
    SB_WITNESS_ASK_BYTES_MAX = SB_NOTE_BYTES_MAX + 64 * 64,    /* an add-checkpoint body; SB_E_TOO_LARGE */
    SB_WITNESS_PROOF_HASHES_MAX = 63,                          /* in it; SB_E_NOTE_MALFORMED */
    SB_WITNESS_LOGS_MAX = 64,                                  /* in witness.yaml; SB_E_WITNESS_LOG */
};

/* an ordinary enum has no room for these */
#define SB_ARGON_MEM_BYTES_MAX ((uint64_t)1024 * 1024 * 1024) /* memory that opening a key file may take; SB_E_KEYFILE_COST */
#define SB_RULE_NUMBER_MAX UINT32_C(1000000000)               /* a whole number in a rule; SB_E_RULE_NUMBER_TOO_LARGE */
/* clang-format on */

#endif
