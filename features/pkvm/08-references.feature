@area:references @needs:hyp
Feature: References from allocation to free

  @rule:PKVM-REF-01 @kind:patch
  Rule: A domain is freed after its last endpoint, not before

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "if (domain->refs != 1)"

    Example: free, detach, free
      Given the host allocates domain 5
      And the host attaches endpoint 1 to domain 5
      When the host frees domain 5, refused with EINVAL
      And the host detaches endpoint 1 from domain 5
      Then freeing domain 5 is accepted

  @rule:PKVM-REF-02 @kind:patch
  Rule: As many attaches, so many detaches before the domain is freed

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "u32 refs;"

    Scenario Outline: <count> endpoints
      Given the back end is scripted
      And the host allocates domain 5
      When the host attaches endpoints 1 to <count> to domain 5
      And the host detaches endpoints 2 to <count> from domain 5
      Then freeing domain 5 is refused with EINVAL
      And detaching endpoint 1 from domain 5 is accepted
      And freeing domain 5 is accepted

      Examples:
        | count |
        | 2     |
        | 3     |
        | 255   |
        | 256   |

    @heavy
    Scenario Outline: <count> endpoints, more than 16 bits count
      Given the back end is scripted
      And the host allocates domain 5
      When the host attaches endpoints 1 to <count> to domain 5
      And the host detaches endpoints 2 to <count> from domain 5
      Then freeing domain 5 is refused with EINVAL
      And detaching endpoint 1 from domain 5 is accepted
      And freeing domain 5 is accepted

      Examples:
        | count |
        | 65536 |

  @rule:PKVM-REF-03 @kind:patch
  Rule: A freed id is neither attached nor detached

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "domain->refs <= 1"

    Example: after free
      Given the back end is scripted
      And the host allocates domain 5
      And the host frees domain 5
      When the host attaches endpoint 1 to domain 5, refused with EINVAL
      And the host detaches endpoint 1 from domain 5, refused with EINVAL
      Then the back end has seen "allocIopt 0:5, freeIopt 0:5"

  @rule:PKVM-REF-04 @kind:patch @needs:domain-table
  Rule: Only free takes the last reference

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "if (!domain || domain->refs <= 1)"

    Example: detaching more often than was attached
      Given the back end is scripted
      And the host allocates domain 5
      And the host attaches endpoint 1 to domain 5
      And the host detaches endpoint 1 from domain 5
      When the host detaches endpoint 1 from domain 5, refused with EINVAL
      Then domain 5 has 1 reference

    Scenario Outline: <refs> references are none to detach
      Given the back end is scripted
      And the host allocates domain 5
      And domain 5 is given <refs> references
      When the host detaches endpoint 1 from domain 5, refused with EINVAL
      Then domain 5 has <refs> references

      Examples:
        | refs |
        | 0    |
        | 1    |

  @rule:PKVM-REF-05 @kind:patch @needs:domain-table
  Rule: References are an unsigned count: beyond INT_MAX they still count

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "u32 refs;"

    Scenario Outline: <refs> references
      Given the back end is scripted
      And the host allocates domain 5
      And domain 5 is given <refs> references
      When the host frees domain 5, refused with EINVAL
      And the host detaches endpoint 1 from domain 5
      Then domain 5 has <left> references

      Examples:
        | refs        | left        |
        | 2           | 1           |
        | 255         | 254         |
        | 256         | 255         |
        | 65535       | 65534       |
        | 65536       | 65535       |
        | 0x7fff_ffff | 0x7fff_fffe |
        | 0x8000_0000 | 0x7fff_ffff |
        | 0xffff_fffe | 0xffff_fffd |
        | 0xffff_ffff | 0xffff_fffe |

  @rule:PKVM-REF-06 @kind:patch
  Rule: The layer itself answers only EINVAL; any other errno is the back end's

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "int ret = -EINVAL;"

    Scenario Outline: <call> while the back end says ENXIO
      Given the back end is scripted
      And the host allocates domain 7
      And the host attaches endpoint 7 to domain 7
      And the host allocates domain 8
      And the back end answers <operation> with ENXIO
      When <call> is refused with ENXIO
      Then allocating domain 9 is accepted

      Examples:
        | call                               | operation |
        | allocating domain 6                | allocIopt |
        | freeing domain 8                   | freeIopt  |
        | attaching endpoint 8 to domain 8   | attachDev |
        | detaching endpoint 7 from domain 7 | detachDev |

    Scenario Outline: <call> does not come to the back end
      Given SMMU 0 has 300 domains
      And the back end is scripted
      And the host allocates domain 7
      And the host attaches endpoint 7 to domain 7
      And the host allocates domain 8
      When <call> is refused with EINVAL
      Then the back end has seen "allocIopt 0:7, attachDev 0:7 endpoint 0x7 root 0x1000, allocIopt 0:8"

      Examples: no such IOMMU
        | call                                         |
        | allocating domain 6 on SMMU 9                |
        | freeing domain 8 on SMMU 9                   |
        | attaching endpoint 8 to domain 8 on SMMU 9   |
        | detaching endpoint 7 from domain 7 on SMMU 9 |

      Examples: no such domain
        | call                                 |
        | allocating domain 300                |
        | freeing domain 300                   |
        | freeing domain 6                     |
        | attaching endpoint 8 to domain 300   |
        | attaching endpoint 8 to domain 6     |
        | detaching endpoint 7 from domain 300 |
        | detaching endpoint 7 from domain 6   |

      Examples: a domain in another state
        | call                               |
        | allocating domain 8                |
        | freeing domain 7                   |
        | detaching endpoint 8 from domain 8 |
