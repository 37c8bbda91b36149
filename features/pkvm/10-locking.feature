@area:locking @needs:hyp
Feature: One call at a time

  @rule:PKVM-LOCK-01 @kind:patch
  Rule: Lookup, change of state and the back end's work are one critical section

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "Serialize access to domains and IOMMU driver internal structures"

    Scenario Outline: <one> and <other>
      Given the host allocates domain 5
      Then of <one> and <other> at once, <winners>

      Examples: that exclude each other
        | one                              | other               | winners                                           |
        | allocating domain 7              | allocating domain 7 | one succeeds and the other is refused with EINVAL |
        | attaching endpoint 1 to domain 5 | freeing domain 5    | one succeeds and the other is refused with EINVAL |

      Examples: that do not
        | one                                                              | other                                                            | winners      |
        | mapping 4 KiB at 0x1000 in domain 5 to PA 0x8000_0000, read-only | attaching endpoint 1 to domain 5                                 | both succeed |
        | mapping 4 KiB at 0x1000 in domain 5 to PA 0x8000_0000, read-only | mapping 4 KiB at 0x2000 in domain 5 to PA 0x8000_1000, read-only | both succeed |

    Scenario Outline: <one> and <other>, over a scripted back end
      Given the back end is scripted
      And the host allocates domain 6
      And the host attaches endpoint 6 to domain 6
      And the host allocates domain 5
      Then of <one> and <other> at once, <winners>

      Examples: that exclude each other
        | one                                | other                              | winners                                           |
        | allocating domain 7                | allocating domain 7                | one succeeds and the other is refused with EINVAL |
        | attaching endpoint 1 to domain 5   | freeing domain 5                   | one succeeds and the other is refused with EINVAL |
        | freeing domain 5                   | freeing domain 5                   | one succeeds and the other is refused with EINVAL |
        | detaching endpoint 6 from domain 6 | detaching endpoint 6 from domain 6 | one succeeds and the other is refused with EINVAL |

      Examples: that do not
        | one                              | other                              | winners      |
        | allocating domain 300            | allocating domain 301              | both succeed |
        | attaching endpoint 1 to domain 6 | attaching endpoint 2 to domain 6   | both succeed |
        | attaching endpoint 1 to domain 6 | detaching endpoint 6 from domain 6 | both succeed |

  @rule:PKVM-LOCK-02 @kind:patch
  Rule: Every way out of a call releases the lock

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "out_unlock:"

    Scenario Outline: after <call>
      Given the back end is scripted
      And the host allocates domain 6
      When <call> is refused with EINVAL
      Then allocating domain 5 is accepted

      Examples:
        | call                               |
        | allocating domain 6                |
        | allocating domain 0xffff_ffff      |
        | freeing domain 7                   |
        | freeing domain 5 on SMMU 9         |
        | attaching endpoint 1 to domain 7   |
        | detaching endpoint 1 from domain 6 |

    Scenario Outline: after <operation> was refused by the back end
      Given the back end is scripted
      And the host allocates domain 6
      And the host attaches endpoint 6 to domain 6
      And the host allocates domain 7
      And the back end answers <operation> with EIO
      When <call> is refused with EIO
      Then allocating domain 5 is accepted

      Examples:
        | operation | call                               |
        | allocIopt | allocating domain 8                |
        | freeIopt  | freeing domain 7                   |
        | attachDev | attaching endpoint 7 to domain 7   |
        | detachDev | detaching endpoint 6 from domain 6 |

    @needs:domain-table
    Example: after a missing page
      Given CPU 0 has 0 pages in its memcache
      And the host allocates domain 5, refused with EINVAL
      And CPU 0 has 1 page in its memcache
      When the host allocates domain 5
      Then freeing domain 5 is accepted

  @rule:PKVM-LOCK-03 @kind:patch
  Rule: The lock is initialised before its first use

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "hyp_spin_lock_init(&iommu_lock);"

    Excluded: a lock of the platform port needs no initialisation, so no driver of this contract can get it wrong and no scenario can show it

  @rule:PKVM-LOCK-04 @kind:open
  Rule: Calls on different IOMMUs may or may not wait for each other

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "static hyp_spinlock_t iommu_lock;"

    Example: the same id on both at once
      Given there are 2 SMMUs
      Then of allocating domain 5 and allocating domain 5 on SMMU 1 at once, both succeed
