@area:memcache @needs:hyp
Feature: Leaf pages come from the calling CPU's memcache

  @rule:PKVM-MEM-01 @kind:patch @needs:domain-table
  Rule: A leaf is donated at the first use of an id in it, and once

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "domains = kvm_iommu_donate_page();"

    Example: ids of one leaf cost one page, ids of another one more
      Given the back end is scripted
      And CPU 0 has 40 pages in its memcache
      When the host allocates domains 1 to 20
      And the host allocates domain 300
      Then CPU 0 has 38 pages left

  @rule:PKVM-MEM-02 @kind:patch @needs:domain-table
  Rule: With an empty memcache an allocation is refused, asks for a page and changes nothing

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "if (!domains) return NULL;"

    Example: no page
      Given the back end is scripted
      And CPU 0 has 0 pages in its memcache
      When the host allocates domain 5, refused with EINVAL
      Then CPU 0 needs a page
      And the back end has seen nothing
      And SMMU 0 has no leaf for domain 5

  @rule:PKVM-MEM-03 @kind:patch @needs:domain-table
  Rule: After the memcache was filled the same call is accepted

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "kvm_iommu_donate_page"

    Example: one page is enough
      Given the back end is scripted
      And CPU 0 has 0 pages in its memcache
      And the host allocates domain 5, refused with EINVAL
      And CPU 0 has 1 page in its memcache
      When the host allocates domain 5
      Then CPU 0 has 0 pages left

  @rule:PKVM-MEM-04 @kind:patch
  Rule: A missing page and a bad id differ only in whether a page is asked for

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "int ret = -EINVAL;"

    Example: a bad id
      Given SMMU 0 has 300 domains
      And CPU 0 has 0 pages in its memcache
      When the host allocates domain 300, refused with EINVAL
      Then CPU 0 needs no page

    @needs:domain-table
    Example: a missing page
      Given SMMU 0 has 300 domains
      And CPU 0 has 0 pages in its memcache
      When the host allocates domain 299, refused with EINVAL
      Then CPU 0 needs a page

    Example: a domain that is in use
      Given the host allocates domain 5
      When the host allocates domain 5, refused with EINVAL
      Then CPU 0 needs no page

  @rule:PKVM-MEM-05 @kind:patch
  Rule: A new leaf has no allocated domain, whatever the host left in the page

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "if (domain->refs)"

    Example: a page full of ones
      Given the back end is scripted
      And CPU 0 has 8 pages full of ones in its memcache
      When the host allocates domain 5
      Then attaching endpoint 1 to domain 6 is refused with EINVAL
      And allocating domain 6 is accepted

  @rule:PKVM-MEM-06 @kind:patch @needs:domain-table
  Rule: Pages of one CPU do not serve a call on another

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "kvm_hyp_iommu_memcaches"

    Example: the calling CPU has none
      Given CPU 0 has 8 pages in its memcache
      And CPU 1 has 0 pages in its memcache
      And the host calls from CPU 1
      When the host allocates domain 5, refused with EINVAL
      Then CPU 1 needs a page
      And CPU 0 needs no page
      And CPU 0 has 8 pages left

  @rule:PKVM-MEM-07 @kind:patch @needs:domain-table
  Rule: A donated leaf is out of the host's reach

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "kvm_iommu_donate_page"

    Example: the host reads it and writes it
      Given the host allocates domain 5
      Then the leaf of domain 5 belongs to the hypervisor
      And the host reading the leaf of domain 5 is aborted
      And the host writing the leaf of domain 5 is aborted

  @rule:PKVM-MEM-08 @kind:patch @needs:domain-table
  Rule: A page that the host does not own alone is not taken, and stays as it is

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "void *kvm_iommu_donate_page(void)"

    Example: a shared page in the memcache
      Given the back end is scripted
      And CPU 0 has a shared page in its memcache
      When the host allocates domain 5, refused with EINVAL
      Then the page in the memcache is still shared
      And the back end has seen nothing

  @rule:PKVM-MEM-09 @kind:hardened
  Rule: A call for a domain that cannot exist yet takes no page

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "handle_to_domain(iommu_id, domain_id, &iommu)"

    Scenario Outline: <call>
      Given the back end is scripted
      And CPU 0 has 8 pages in its memcache
      When <call> is refused with EINVAL
      Then CPU 0 has 8 pages left

      Examples:
        | call                              |
        | freeing domain 300                |
        | attaching endpoint 1 to domain 300 |
        | detaching endpoint 1 from domain 300 |

  @rule:PKVM-MEM-10 @kind:patch @needs:domain-table
  Rule: A leaf is kept when its last domain is freed

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "memset(domain, 0, sizeof(*domain));"

    Example: the next domain in it costs nothing
      Given the back end is scripted
      And CPU 0 has 8 pages in its memcache
      And the host allocates domains 0 to 3
      When the host frees domains 0 to 3
      Then the leaf of domain 2 belongs to the hypervisor
      And allocating domain 2 is accepted
      And CPU 0 has 7 pages left

  @rule:PKVM-MEM-11 @kind:patch @needs:domain-table
  Rule: The root table is mapped at EL2 for exactly its pointers

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "KVM_IOMMU_DOMAINS_ROOT_ENTRIES, PAGE_HYP);"

    Scenario Outline: pages of <page>
      Given the hypervisor has pages of <page>
      When the host allocates domain 65535
      Then the hypervisor has mapped <bytes> bytes of the root table of SMMU 0

      Examples:
        | page   | bytes |
        | 4 KiB  | 2048  |
        | 16 KiB | 512   |
        | 64 KiB | 128   |

  @rule:PKVM-MEM-12 @kind:patch
  Rule: The memcaches are the hypervisor's, shared with the host

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "The memcache is shared with the host"

    Example: the host uses them and cannot give them away
      Given the host allocates domain 5
      Then the memcaches are shared by the hypervisor with the host
      And the host writing the memcache of CPU 0 is accepted
      And the host donating the memcaches is refused with EPERM
